"""A target of many tables: a whole database, or everything with certain LF-Tags."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.discovery import find_request_refusals
from catalog.mirror.models import ColumnFacts, Table
from catalog.mirror.queries import TagMatchedTable
from catalog.mirror.snapshot import NO_SCHEMA
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import Domain, ProductTable
from fulfilment.observations.storage import build_parties
from fulfilment.preview import Preview, preview_tags
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.queries import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.base import ManyTablesAccess, Parties
from lakeformation.effects.table_effects import TableColumn
from lakeformation.effects.tag_effects import ReachedTable
from lakeformation.values.row_policies import TableTags
from requests_app.access_requests.item_targets import HasExtent, ItemTarget
from requests_app.access_requests.models import RequestItem
from requests_app.targets.requested_item import RequestedItem


def build_item_parties(item: RequestItem) -> Parties:
    """The item's principal, and the catalog that the item is about."""
    return build_parties(item.request.principal, item.table.database.catalog)


MAX_TABLES = 200
"""More than a person can review."""


@dataclass(frozen=True)
class ManyTablesTarget(ABC):
    """What is reached now. `tables` are those that the requester sees, `domain` the one that answers for them. `refusal`
    is why it may not be requested, by what the requester sees, or empty; `obstacle` is why nobody may approve it
    besides, shown only to those who see all of it.
    """

    kind: ClassVar[str]
    """Of targets in the API and of offers, and the field of its errors."""
    submit_verb: ClassVar[str] = "submit_access_request"
    """The event of a request for it."""
    changed_message: ClassVar[Promise]
    """For a `members_hash` of something else."""

    catalog: ConnectedCatalog
    domain: Domain | None
    tables: tuple[TagMatchedTable, ...]
    refusal: str
    obstacle: str

    @property
    @abstractmethod
    def members_hash(self) -> str:
        """Identifies exactly these tables and columns: what was shown is what is requested."""

    @property
    @abstractmethod
    def item_fields(self) -> dict[str, Any]:
        """The fields of a request item that name it."""

    @property
    @abstractmethod
    def grants_filter(self) -> Q:
        """Grants of the same target."""

    @abstractmethod
    def read_again(self, person: Person) -> Self:
        """The same target as the mirror has it now and the person sees it. NotFoundError."""

    @abstractmethod
    def is_of_item(self, item: RequestItem) -> bool:
        """Whether the item requests the same."""

    @property
    def offer_fields(self) -> dict[str, Any]:
        """What `RequestedAccess` says of it besides its scope."""
        return {}

    @abstractmethod
    def build_access(self, item: RequestItem) -> ManyTablesAccess:
        """What the item's grant would want of it."""

    def find_item_refusal(self, item: RequestItem) -> str:  # noqa: ARG002
        """Why nobody may approve the item now, or empty."""
        return self.refusal or self.obstacle

    @abstractmethod
    def describe_existing_access(self, role: str) -> str: ...

    @cached_property
    def members(self) -> tuple[ReachedTable, ...]:
        return tuple(build_member(table) for table in self.tables)

    @property
    def event_data(self) -> dict[str, Any]:
        """What the event of a request says of it."""
        return self.item_fields

    @property
    def is_listed_by_table(self) -> bool:
        """Whether a request has one item for each of today's tables, rather than one for them all."""
        return False

    def list_table_items(self, offer_id: int | None, use: str) -> list[RequestedItem]:  # noqa: ARG002
        """One item for each of today's tables, where `is_listed_by_table`."""
        return []


class ManyTables(ItemTarget):
    """Items whose target is read from the catalog each time."""

    is_single_table = False
    whole_only_message = gettext_lazy(
        "Access to many tables can only be approved as a whole. You can only shorten the time."
    )

    @property
    def item(self) -> RequestItem:
        row: RequestItem = self.row
        return row

    @classmethod
    def is_of(cls, row: HasExtent) -> bool:
        assert cls.column is not None
        name, other = cls.column
        return bool(getattr(row, name, other) != other)

    @classmethod
    @abstractmethod
    def list_reached(cls, catalog: ConnectedCatalog, access: Access, limit: int) -> Sequence[TagMatchedTable]:
        """The tables that the access reaches in the mirror now, at most `limit` + 1."""

    @abstractmethod
    def read(self, viewer: Person) -> ManyTablesTarget:
        """What it reaches now, as the viewer sees it."""

    def build_access(self, readings: QueryCache | None = None) -> Access:  # noqa: ARG002
        return self.read(self.item.request.current_requester).build_access(self.item)

    def preview(self, readings: QueryCache | None = None) -> Preview:  # noqa: ARG002
        return preview_target_item(self.read(self.item.request.current_requester), self.item)

    def find_hidden_obstacle(self, viewer: Person) -> str:
        return self.read(viewer).obstacle


def list_visible_matches(found: Sequence[TagMatchedTable], person: Person) -> tuple[TagMatchedTable, ...]:
    """One query."""
    shown = visible_tables(person).filter(pk__in=[matched_table.table.pk for matched_table in found])
    seen = set(shown.values_list("pk", flat=True))
    return tuple(matched_table for matched_table in found if matched_table.table.pk in seen)


def find_schema_refusal(tables: Sequence[TagMatchedTable]) -> str:
    """Why nobody can review what access to these tables shows, or empty. No query."""
    unread = next((table.table for table in tables if NO_SCHEMA in table.table.flags), None)
    if unread is None:
        return ""
    words = _(
        "It covers %(table)s, whose schema cannot be read from Glue, so nobody can review what a grant shows."
    )
    return words % {"table": unread}


def find_discovery_refusal(tables: Sequence[TagMatchedTable], person: Person) -> str:
    """Why the person may not request one of the tables that they see, or empty. One query, and two where one is limited."""
    links = ProductTable.objects.filter(
        table__in=[table.table.pk for table in tables], product__in=visible_products(person)
    )
    rows = list(links.select_related("product__domain__owner_team"))
    refusals = find_request_refusals(person, {row.product_id: row.product for row in rows}.values())
    open_tables = {row.table_id for row in rows if row.product_id not in refusals}
    refused = [row for row in rows if row.table_id not in open_tables]
    return refusals[refused[0].product_id].reason if refused else ""


def preview_target_item(target: ManyTablesTarget, item: RequestItem) -> Preview:
    """The effects of approving the item, and the calls."""
    shown = preview_tags(target.catalog, target.build_access(item), target.members)
    refusal = target.find_item_refusal(item)
    if not refusal:
        return shown
    return replace(shown, effects=replace(shown.effects, refusals=(refusal, *shown.effects.refusals)))


def build_member(one: TagMatchedTable) -> ReachedTable:
    """A table as effects look at it."""
    return ReachedTable(
        one.table.database.name,
        one.table.name,
        one.table.glue_created_at,
        build_table_columns(one.open_columns),
        build_table_columns(one.closed_columns),
        build_table_columns(one.partition_keys),
        one.table.created_by,
        build_table_tags(one.table, (*one.open_columns, *one.closed_columns, *one.partition_keys)),
    )


def build_table_tags(table: Table, columns: Iterable[ColumnFacts]) -> TableTags:
    """LF-Tags of the table and of each of its columns. No query."""
    return [table.tags, *(column.tags for column in columns)]


def list_locations(tables: Sequence[TagMatchedTable]) -> tuple[str, ...]:
    """The S3 URIs of their data, each once."""
    return tuple(sorted({table.table.location for table in tables if table.table.location}))


def build_table_columns(columns: Iterable[ColumnFacts]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(c.name, c.classification, c.is_partition_key) for c in columns)
