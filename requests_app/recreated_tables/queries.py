"""Tables that were created again, as far as a person may see them, and the grants of the earlier ones."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Table
from identity.people.models import Person
from kernel.clock import Now
from kernel.errors import NotFoundError
from requests_app.grants.models import Grant, build_single_table_filter
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState
from requests_app.recreated_tables.comparison import Comparison, compare_grants
from requests_app.recreated_tables.may import visible_recreated_tables
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.states import RecreatedTableState

RELATED = (
    "table__database__catalog__account",
    "table__database__domain__owner_team",
    "decided_by",
    "by_rule__domain",
    "event",
)


def list_recreated_tables(person: Person) -> QuerySet[RecreatedTable]:
    """Newest first, with all that a list shows."""
    return visible_recreated_tables(person).select_related(*RELATED).order_by("-pk")


def get_recreated_table(person: Person, pk: int) -> RecreatedTable:
    """NotFoundError for whoever may not see it."""
    found = list_recreated_tables(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_left_grants(table: Table) -> QuerySet[Grant]:
    """Live grants of earlier tables of this name, by id, with all that is compared of them."""
    rows = Grant.objects.filter(
        _build_left_behind_filter(),
        table__name=table.name,
        table__database__name=table.database.name,
        table__database__catalog=table.database.catalog_id,
    )
    related = rows.select_related(*GRANT_RELATED_FIELDS, "table__database", "principal__account__team")
    return related.prefetch_related("table__columns", "item__decisions").order_by("pk")


def compare_left_grants(row: RecreatedTable) -> Comparison:
    """Compares the grants of an open decision. The same few queries for any number of grants, and some more for each recipient."""
    return compare_grants(row, list(list_left_grants(row.table)))


def list_kept_grants(row: RecreatedTable) -> QuerySet[Grant]:
    return (
        Grant.objects.filter(kept__recreated_table=row).select_related(*GRANT_RELATED_FIELDS).order_by("pk")
    )


def list_undecided_grants() -> QuerySet[Grant]:
    """Live grants of a table that is gone, where one of its name is there of which no decision has been opened."""
    again = Table.objects.filter(
        name=OuterRef("table__name"),
        database__name=OuterRef("table__database__name"),
        database__catalog=OuterRef("table__database__catalog"),
        database__tombstoned_at=None,
        tombstoned_at=None,
        recreation=None,
    )
    return Grant.objects.filter(_build_left_behind_filter(), Exists(again))


def list_tables_to_open() -> Collection[int]:
    """The tables of these names, by id. Two queries."""
    named = set(
        list_undecided_grants().values_list(
            "table__database__catalog", "table__database__name", "table__name"
        )
    )
    if not named:
        return []
    wanted = Q()
    for catalog, database, name in named:
        wanted |= Q(database__catalog=catalog, database__name=database, name=name)
    rows = Table.objects.filter(wanted, tombstoned_at=None, database__tombstoned_at=None, recreation=None)
    return sorted(rows.values_list("pk", flat=True))


def list_lapsed_tables() -> QuerySet[RecreatedTable]:
    """Open decisions of which nothing is left: the table is gone again, or no grant of an earlier one is live."""
    left = Grant.objects.filter(
        _build_left_behind_filter(),
        table__name=OuterRef("table__name"),
        table__database__name=OuterRef("table__database__name"),
        table__database__catalog=OuterRef("table__database__catalog"),
    )
    is_gone = Q(table__tombstoned_at__isnull=False)
    return RecreatedTable.objects.filter(is_gone | ~Exists(left), state=RecreatedTableState.OPEN)


def _build_left_behind_filter() -> Q:
    """Live grants of one table that is gone."""
    gone = Q(state=GrantState.LIVE, ends_at__gt=Now(), table__tombstoned_at__isnull=False)
    return build_single_table_filter() & gone
