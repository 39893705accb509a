"""A whole database as a target: what it contains, why it may be refused, and its access."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Database, Table
from catalog.mirror.queries import TagMatchedTable, list_database_tables
from catalog.products.may import visible_tables
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import NotFoundError
from lakeformation.access.access import Access, DatabaseAccess, DatabaseReach
from lakeformation.values.canonical_json import digest
from requests_app.access_requests.item_targets import ExtentTexts, get_extent_fields, register_target
from requests_app.access_requests.models import RequestItem
from requests_app.targets.many_tables import (
    MAX_TABLES,
    ManyTables,
    ManyTablesTarget,
    build_item_parties,
    find_schema_refusal,
    list_locations,
    list_visible_matches,
)
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.single_tables import TableColumns, WholeTable


class FutureAccess(TextChoices):
    """What a grant on a database will include of its future tables and columns."""

    NOTHING = "nothing", gettext_lazy("nothing: today's tables with today's columns")
    COLUMNS = "columns", gettext_lazy("columns: today's tables, each with future columns")
    TABLES = "tables", gettext_lazy("tables: all tables, including future ones")


@dataclass(frozen=True)
class DatabaseTarget(ManyTablesTarget):
    """`refusal` is why all tables, including future ones, may not be requested. Today's tables may be all the same."""

    kind = "database"
    submit_verb = "submit_access_request_for_database"
    changed_message = gettext_lazy(
        "The tables of the database have changed since you opened this page. Check again."
    )

    database: Database
    future_access: FutureAccess = FutureAccess.TABLES

    @property
    def members_hash(self) -> str:
        return digest([self.database.glue_created_at, *(member.to_json() for member in self.members)])

    @property
    def item_fields(self) -> dict[str, Any]:
        return {"whole_database": True}

    @property
    def event_data(self) -> dict[str, Any]:
        return {"database": self.database.pk}

    @property
    def grants_filter(self) -> Q:
        return Q(item__whole_database=True, table__database=self.database)

    def read_again(self, person: Person) -> "DatabaseTarget":
        return build_database_target(get_database(person, self.database.pk), person, self.future_access)

    def is_of_item(self, item: RequestItem) -> bool:
        return item.whole_database and item.table.database_id == self.database.pk

    def build_access(self, item: RequestItem) -> DatabaseAccess:
        return DatabaseAccess(
            parties=build_item_parties(item),
            database=self.database.name,
            database_created=self.database.glue_created_at,
            reach=self.reach,
        )

    def describe_existing_access(self, role: str) -> str:
        words = {"role": role, "database": self.database}
        return _("%(role)s already has access to every table of %(database)s.") % words

    @property
    def is_listed_by_table(self) -> bool:
        return self.future_access != FutureAccess.TABLES

    def list_table_items(self, offer_id: int | None, use: str) -> list[RequestedItem]:
        fact = WholeTable.fact if self.future_access == FutureAccess.COLUMNS else TableColumns.fact
        return [
            RequestedItem(
                table.table.pk,
                offer_id=offer_id,
                use=use,
                **get_extent_fields(fact, tuple(column.name for column in table.table.column_facts)),
            )
            for table in self.tables
        ]

    @property
    def reach(self) -> DatabaseReach:
        return DatabaseReach(tuple(member.table for member in self.members), list_locations(self.tables))


@register_target
class WholeDatabase(ManyTables):
    """Every table of the database of the item's table, also later ones."""

    fact = "database"
    api_kind = "database"
    column = ("whole_database", False)
    tables_path = "database__tables"
    wanted_sql = "wanted.database_id = example.database_id"
    texts = ExtentTexts(
        short=gettext_lazy("includes future tables"),
        waiting=gettext_lazy("the whole table"),
        full=gettext_lazy("all columns, including future tables"),
        readable=gettext_lazy("all, of every table in the database, also future ones"),
        amount=gettext_lazy("the whole table"),
        granted=gettext_lazy("all columns"),
        compared=gettext_lazy("the whole table"),
        approval=gettext_lazy("Approve"),
    )

    @classmethod
    def build_tables_filter(cls, tables: Collection[int], path: str) -> Q | None:
        databases = Table.objects.filter(pk__in=tables).values_list("database", flat=True)
        return Q((f"{path}whole_database", True), table__database__in=databases)

    @classmethod
    def build_reach_filter(cls, table: Table) -> Q | None:
        return Q(table__database=table.database_id, item__whole_database=True)

    @classmethod
    def build_use_filter(cls) -> Q | None:
        whole = ExpressionWrapper(OuterRef("item__whole_database"), output_field=BooleanField())
        return Q(whole) & Q(database=OuterRef("table__database__name"))

    @classmethod
    def get_place(cls, table: Table) -> Hashable | None:
        return cls, table.database_id

    @classmethod
    def list_reached(cls, catalog: ConnectedCatalog, access: Access, limit: int) -> Sequence[TagMatchedTable]:
        return list_database_tables(catalog, access.target[0], limit=limit)

    @classmethod
    def format_name(cls, database: str, table: str, item: RequestItem) -> str:  # noqa: ARG003
        return _("all tables of %(database)s") % {"database": database}

    def describe_submission(self, words: Mapping[str, str]) -> str:
        return _("%(name)s requested %(table)s, including future tables") % words

    def read(self, viewer: Person) -> DatabaseTarget:
        return build_database_target(self.item.table.database, viewer)

    def filter_tables(self, tables: QuerySet[Table], access: Access) -> QuerySet[Table]:  # noqa: ARG002
        return tables.filter(database=self.item.table.database_id)

    def covers_table(self, table: Table, access: Access) -> bool:  # noqa: ARG002
        return table.database_id == self.item.table.database_id


def get_database(person: Person, pk: int) -> Database:
    """One of which the person sees a table. NotFoundError."""
    rows = Database.objects.filter(
        pk=pk, tombstoned_at=None, tables__in=visible_tables(person).filter(tombstoned_at=None)
    )
    found = rows.select_related("catalog__account", "domain__owner_team").distinct().first()
    if found is None:
        raise NotFoundError
    return found


def build_database_target(
    database: Database, requester: Person, future_access: FutureAccess = FutureAccess.TABLES
) -> DatabaseTarget:
    """Builds the target from the mirror as it is now. Three queries."""
    database_tables = list_database_tables(database.catalog, database.name, limit=MAX_TABLES)
    tables = list_visible_matches(database_tables, requester)
    return DatabaseTarget(
        catalog=database.catalog,
        domain=database.domain,
        tables=tables,
        refusal=_find_refusal(database, tables),
        obstacle=_find_obstacle(database_tables, tables),
        database=database,
        future_access=future_access,
    )


def _find_refusal(database: Database, seen: Sequence[TagMatchedTable]) -> str:
    if not seen:
        return _("%(database)s has no tables.") % {"database": database}
    if len(seen) > MAX_TABLES:
        words = {"most": MAX_TABLES}
        return (
            _("It has more than %(most)s tables, which nobody can review. Request access by LF-Tags.") % words
        )
    if database.domain is None:
        return _("The database belongs to no domain, so there is no data owner for future tables.")
    if database.catalog.holds_new_columns:
        return _(
            "In this catalog, new tables wait until they are classified, but AWS would open them at once."
        )
    return find_schema_refusal(seen)


def _find_obstacle(found: Sequence[TagMatchedTable], seen: Sequence[TagMatchedTable]) -> str:
    if len(found) == len(seen):
        return ""
    return _(
        "It covers tables that the requester can't see. Publish them in a data product, or ask for a change."
    )
