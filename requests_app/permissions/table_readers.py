"""Who can read which columns of a table, whoever granted it."""

from dataclasses import dataclass

from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from fulfilment.observations.models import ObservedPermission
from identity.people.models import Person
from lakeformation.explanation.access_paths import find_readers
from lakeformation.explanation.answers import ColumnVisibility
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.arn import ROLE_OR_USER_PATTERN
from lakeformation.values.permissions import ALL_TABLES, READING_VERBS
from requests_app.permissions.explanation import AccessExplanation
from requests_app.permissions.explanation_facts import TableFacts
from requests_app.permissions.view_base_tables import add_view_steps

MAX_READERS = 100
"""Roles and users for which each column is looked at; the rest are counted."""


@dataclass(frozen=True)
class TableReader:
    """`readable_columns` are read, of `unknown_columns` it is not known; `is_row_filtered`: not in
    every row; `has_unknown_rows`: in which rows is not known.
    """

    principal: str
    readable_columns: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    is_row_filtered: bool
    has_unknown_rows: bool

    @property
    def name(self) -> str:
        return self.principal.rsplit("/", 1)[-1]

    @property
    def account(self) -> str:
        return self.principal.split(":")[4]


@dataclass(frozen=True)
class TableReaders:
    """`group_holders` are groups of principals: accounts, everyone with IAM rights; `omitted_count`: not looked at.
    `open_to_iam` are the observed rows by which IAM alone decides.
    """

    readers: tuple[TableReader, ...]
    group_holders: tuple[str, ...]
    omitted_count: int
    is_read: bool
    open_to_iam: tuple[int, ...]


def list_table_readers(table: Table, person: Person) -> TableReaders:
    """Readers of the table: every role and user with a permission that may allow it. The caller has checked
    `may_explain_any`. Seven queries, and more for a view.
    """
    seen = TableFacts.read(table)
    holders = sorted(find_readers(seen.facts, table.database.name, table.name))
    principals = [holder for holder in holders if ROLE_OR_USER_PATTERN.fullmatch(holder)]
    visible = visible_tables(person)
    each = [
        _build_reader(AccessExplanation(table, principal, add_view_steps(seen, principal, visible)))
        for principal in principals[:MAX_READERS]
    ]
    rows = ObservedPermission.objects.filter(
        catalog=table.database.catalog,
        database=table.database.name,
        table__in=[table.name, ALL_TABLES],
        principal_arn=IAM_ALLOWED_PRINCIPALS,
        verb__in=READING_VERBS,
        grantable=False,
    )
    return TableReaders(
        readers=tuple(each),
        group_holders=tuple(holder for holder in holders if holder not in principals),
        omitted_count=max(0, len(principals) - MAX_READERS),
        is_read=seen.facts.owner_permissions is not None,
        open_to_iam=tuple(rows.values_list("pk", flat=True).order_by("pk")),
    )


def _build_reader(found: AccessExplanation) -> TableReader:
    answers = [(column, found.explain_column(column)) for column in found.columns]
    return TableReader(
        principal=found.principal,
        readable_columns=tuple(
            column for column, one in answers if one.visibility is ColumnVisibility.VISIBLE
        ),
        unknown_columns=tuple(
            column for column, one in answers if one.visibility is ColumnVisibility.UNKNOWN
        ),
        is_row_filtered=any(one.rows for _column, one in answers),
        has_unknown_rows=any(one.row_doubt for _column, one in answers),
    )
