"""Columns for the pages of a product, a table and a column: what is known of each, and what the person may read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, Q, Value, When, Window
from django.db.models.functions import Lower, RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.browse.tables import TableView
from catalog.glossary.models import TermLink
from catalog.glossary.queries import list_links_of_tables
from catalog.mirror.columns import ColumnStatistics, list_column_statistics
from catalog.mirror.models import Classification, Column, Table
from catalog.problems import Problem
from kernel.queries import truncate_fields
from portal.pages.column_pages import EVERYTHING, PAGE_SIZE, ColumnPage, ColumnQuery, read_column_page
from portal.problems.presenters import ProblemRow
from requests_app.grants.models import Grant
from requests_app.grants.reach import covers_table, is_ready

MIN_SHOWN = 10
"""Columns that each table of a product shows, however many its other tables have."""


@dataclass(frozen=True)
class ColumnRow:
    """`profile` is from Glue's column statistics, empty if there are none. `is_readable`: by a proven grant of the person's
    teams.
    """

    row: Column
    profile: str
    links: Sequence[TermLink]
    is_readable: bool
    problem: Problem | None = None


class ColumnOrder(StrEnum):
    """How a list of columns is sorted; the first is the table's own order."""

    POSITION = "position"
    NAME = "name"
    TYPE = "type"
    CLASSIFICATION = "classification"


SORT_KEYS: Mapping[ColumnOrder, Sequence[Any]] = {
    ColumnOrder.POSITION: (),
    ColumnOrder.NAME: (Lower("name"),),
    ColumnOrder.TYPE: ("type",),
    ColumnOrder.CLASSIFICATION: (
        Case(
            *(
                When(classification=one, then=Value(place))
                for place, one in enumerate(reversed(Classification.values))
            ),
            default=Value(len(Classification.values)),
        ),
    ),
}


@dataclass(frozen=True)
class ColumnList:
    """`readable` is how many of all columns the person may read."""

    page: ColumnPage[Column]
    rows: Sequence[ColumnRow]
    readable: int

    @cached_property
    def shows_profiles(self) -> bool:
        return any(row.profile for row in self.rows if row.row.classification != Classification.SENSITIVE)


def build_column_list(
    statistics: Mapping[str, ColumnStatistics],
    links: Iterable[TermLink],
    readable: Collection[str],
    page: ColumnPage[Column],
    problems: Mapping[str, Problem] | None = None,
) -> ColumnList:
    """`links` are those of this table; the ones without a column are left out. `problems` are open ones, by column."""
    terms: dict[str, list[TermLink]] = defaultdict(list)
    for link in links:
        terms[link.column].append(link)
    rows = [
        ColumnRow(
            column,
            describe_profile(column, statistics.get(column.name)),
            terms[column.name],
            column.name in readable,
            (problems or {}).get(column.name),
        )
        for column in page.rows
    ]
    return ColumnList(page, rows, len(readable))


def read_page_of_table(table: TableView, query: ColumnQuery) -> ColumnPage[Column]:
    """Types and comments are shortened."""
    return read_column_page(
        table.row, table.column_count, query, lambda rows: truncate_fields(rows, "type", "comment")
    )


def build_column_lists(
    tables: Sequence[TableView],
    own_grants: Sequence[Grant],
    *,
    problems: Iterable[ProblemRow] = (),
    sought: str = "",
    order: ColumnOrder = ColumnOrder.POSITION,
    most: int = PAGE_SIZE,
) -> dict[int, ColumnList]:
    """`own_grants` are live ones of the person's teams, and the facts of columns that they reach are loaded. All tables together show
    `most` columns, and each some. Of a search, those whose name or comment has `sought`. Three queries, four of a search.
    """
    statistics = list_column_statistics([table.pk for table in tables])
    links: dict[int | None, list[TermLink]] = defaultdict(list)
    for link in list_links_of_tables([table.row for table in tables]):
        links[link.table_id].append(link)
    columns = Column.objects.filter(table__in=[table.pk for table in tables])
    matching = {table.pk: table.column_count for table in tables}
    if sought:
        columns = columns.filter(Q(name__icontains=sought) | Q(comment__icontains=sought))
        counts = columns.order_by().values_list("table").annotate(n=Count("pk"))
        matching = {**dict.fromkeys(matching, 0), **dict(counts)}
    sizes, left = {}, most
    for table in tables:
        sizes[table.pk] = max(left, MIN_SHOWN)
        left -= min(sizes[table.pk], matching[table.pk])
    # Of each table so many columns. Only the first table that has more gets more than `MIN_SHOWN`. One query.
    by = [*SORT_KEYS[order], "position", "pk"]
    columns = columns.order_by(*by)
    if cut := [table.pk for table in tables if matching[table.pk] > sizes[table.pk]]:
        in_table = Window(RowNumber(), partition_by="table", order_by=by)
        columns = columns.annotate(number_in_table=in_table).filter(
            ~Q(table__in=cut)
            | Q(table=cut[0], number_in_table__lte=sizes[cut[0]])
            | Q(table__in=cut[1:], number_in_table__lte=MIN_SHOWN)
        )
    rows: dict[int, list[Column]] = {table.pk: [] for table in tables}
    for column in truncate_fields(columns, "type", "comment"):
        rows[column.table_id].append(column)
    reported = {
        (row.problem.table_id, row.problem.column): row.problem for row in problems if row.problem.is_open
    }
    lists = {}
    for table in tables:
        shown = EVERYTHING if not sought else ColumnQuery(sought)
        page = ColumnPage(rows[table.pk], table.column_count, matching[table.pk], shown, sizes[table.pk])
        readable = find_readable_columns(own_grants, table)
        lists[table.pk] = build_column_list(
            statistics.get(table.pk, {}),
            links[table.pk],
            readable,
            page,
            {column: problem for (pk, column), problem in reported.items() if pk == table.pk},
        )
    return lists


def find_readable_columns(grants: Iterable[Grant], table: TableView) -> frozenset[str]:
    """Names of the columns that the proven ones of these grants let a role read. No query without such grants."""
    proven = list_proven_grants(grants, table.row)
    if not proven:
        return frozenset()
    names = frozenset(column.name for column in table.row.column_facts)
    return names & frozenset[str]().union(*(grant.item.columns or names for grant in proven))


def list_proven_grants(grants: Iterable[Grant], table: Table) -> list[Grant]:
    return [grant for grant in grants if is_ready(grant) and covers_table(grant, table)]


def describe_profile(column: Column, statistics: ColumnStatistics | None) -> str:
    if column.classification == Classification.SENSITIVE:
        return _("none: sensitive")
    if statistics is None or statistics.distinct is None:
        return ""
    values = ngettext("%(n)s value", "%(n)s values", statistics.distinct) % {"n": f"{statistics.distinct:,}"}
    if not statistics.nulls:
        return values
    return _("%(values)s, %(nulls)s empty") % {"values": values, "nulls": f"{statistics.nulls:,}"}
