"""Semantic versions of a product's contract. Pure.

A revision is a major version if it removes a table or a column, or changes a type so that queries may fail; a minor one if
it adds tables, columns or keywords, or widens a type; else a patch.

Tables of databases that belong to the domain. The domain decides on them anyway, so that nobody gains a decision by an
edit. Tables of databases without a domain are added and removed on the administration pages, as role changes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Column, Table
from catalog.mirror.schema_changes import is_widening
from catalog.products.models import DataProduct, ProductTable
from catalog.revisions.models import ProductRevision, RevisionState
from kernel.errors import RefusedError
from lakeformation.values.wording import list_names

FIRST_VERSION = "1.0.0"


class Level(IntEnum):
    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True)
class TableSchema:
    """`columns` are types by name."""

    name: str
    columns: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "columns": dict(self.columns)}


@dataclass(frozen=True)
class ContractChange:
    """`what`: table_removed, table_added, column_removed, column_added, type_changed, type_widened, keyword_added. `before` and
    `after` are types.
    """

    what: str
    name: str
    column: str = ""
    before: str = ""
    after: str = ""

    @property
    def level(self) -> Level:
        if self.what in {"table_removed", "column_removed", "type_changed"}:
            return Level.MAJOR
        return Level.MINOR

    @property
    def is_breaking(self) -> bool:
        return self.level is Level.MAJOR

    def to_json(self) -> dict[str, str]:
        return asdict(self)


Schemas = Mapping[str, TableSchema]
"""By the table's id."""


def parse_schemas(stored: Mapping[str, Any]) -> dict[str, TableSchema]:
    return {pk: TableSchema(one["name"], one["columns"]) for pk, one in stored.items()}


def parse_contract_changes(stored: Sequence[Mapping[str, str]]) -> tuple[ContractChange, ...]:
    return tuple(ContractChange(**one) for one in stored)


def compare_contracts(
    before: Schemas, after: Schemas, keywords_before: Sequence[str], keywords_after: Sequence[str]
) -> tuple[ContractChange, ...]:
    """What of a change matters to consumers' queries and searches, table by table."""
    return (
        *(ContractChange("table_removed", before[pk].name) for pk in before if pk not in after),
        *(ContractChange("table_added", after[pk].name) for pk in after if pk not in before),
        *(change for pk in after if pk in before for change in _compare_tables(before[pk], after[pk])),
        *(ContractChange("keyword_added", word) for word in keywords_after if word not in keywords_before),
    )


def compute_next_version(current: str, changes: Sequence[ContractChange]) -> str:
    """After `current`, or the first one where that is empty."""
    if not current:
        return FIRST_VERSION
    major, minor, patch = map(int, current.split("."))
    level = max((change.level for change in changes), default=Level.PATCH)
    if level is Level.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.MINOR else f"{major}.{minor}.{patch + 1}"


def list_breaking_changes(changes: Sequence[ContractChange]) -> tuple[ContractChange, ...]:
    return tuple(change for change in changes if change.is_breaking)


def _compare_tables(before: TableSchema, after: TableSchema) -> Iterator[ContractChange]:
    for name, old in before.columns.items():
        new = after.columns.get(name)
        if new is None:
            yield ContractChange("column_removed", after.name, name, old)
        elif new != old:
            what = "type_widened" if is_widening(old, new) else "type_changed"
            yield ContractChange(what, after.name, name, old, new)
    for name, new in after.columns.items():
        if name not in before.columns:
            yield ContractChange("column_added", after.name, name, "", new)


@dataclass(frozen=True)
class NextVersion:
    """What publishing would make of the contract."""

    version: str
    schemas: Schemas
    changes: tuple[ContractChange, ...]

    @property
    def breaking_changes(self) -> tuple[ContractChange, ...]:
        return list_breaking_changes(self.changes)

    @property
    def revision_fields(self) -> dict[str, Any]:
        """The fields of the revision that publishes it."""
        return {
            "version": self.version,
            "schemas": {pk: one.to_json() for pk, one in self.schemas.items()},
            "contract_changes": [change.to_json() for change in self.changes],
        }


def read_schemas(tables: Sequence[int]) -> dict[str, TableSchema]:
    """As mirrored now; a table that is gone has no columns. Two queries."""
    columns: dict[int, dict[str, str]] = defaultdict(dict)
    rows = Column.objects.filter(table__in=tables, table__tombstoned_at=None).order_by("position")
    for table, name, data_type in rows.values_list("table_id", "name", "type"):
        columns[table][name] = data_type
    names = Table.objects.filter(pk__in=tables).select_related("database").in_bulk()
    return {str(pk): TableSchema(str(names[pk]), columns[pk]) for pk in tables if pk in names}


def get_current_version(product: DataProduct) -> str:
    """Empty for one that was never published; the first version where it was published before there were versions."""
    return find_current_versions([product])[product.pk]


def find_current_versions(products: Collection[DataProduct]) -> dict[int, str]:
    """As `get_current_version`, by the product's id. One query."""
    rows = ProductRevision.objects.filter(product__in=products, state=RevisionState.PUBLISHED)
    newest = rows.exclude(version="").order_by("product", "-number").distinct("product")
    versions = dict(newest.values_list("product", "version"))
    return {product.pk: versions.get(product.pk) or get_initial_version(product) for product in products}


def get_initial_version(product: DataProduct) -> str:
    """The version of a product without versioned revisions."""
    return FIRST_VERSION if product.is_published or product.retired_at else ""


def compute_draft_version(product: DataProduct, before: dict[str, Any], after: dict[str, Any]) -> NextVersion:
    """The version that follows from what the product says before and after, as JSON of `ProductContent`, compared
    with the schemas of the last version.
    """
    versioned = product.revisions.filter(state=RevisionState.PUBLISHED).exclude(version="")
    newest = versioned.order_by("-number").first()
    old = parse_schemas(newest.schemas) if newest else read_schemas(before["tables"])
    new = read_schemas(after["tables"])
    current = get_current_version(product)
    if not current:
        return NextVersion(compute_next_version("", ()), new, ())
    changes = compare_contracts(old, new, before["keywords"], after["keywords"])
    return NextVersion(compute_next_version(current, changes), new, changes)


MAX_TABLES, MAX_LISTED = 500, 5


def list_choosable_tables(product: DataProduct) -> QuerySet[Table]:
    """Tables of the domain that are in the catalog, and those in the product, which may be gone."""
    own = Q(database__domain=product.domain_id, tombstoned_at=None)
    linked = Q(pk__in=product.product_tables.values("table"))
    rows = Table.objects.filter(own | linked).select_related("database__domain")
    return rows.order_by("database__name", "name", "pk")


def check_tables(tables: Iterable[int], product: DataProduct) -> tuple[int, ...]:
    """The ids, once each. RefusedError for a table that is not to be chosen, or that must stay."""
    wanted = tuple(dict.fromkeys(tables))
    if len(wanted) > MAX_TABLES:
        raise RefusedError(_("A product can have at most %(most)s tables.") % {"most": MAX_TABLES}, "tables")
    choosable = {table.pk: table for table in list_choosable_tables(product)}
    if set(wanted) - choosable.keys():
        raise RefusedError(_("Choose tables of the domain's own databases."), "tables")
    linked = product.product_tables.values_list("table_id", flat=True)
    kept = [choosable[pk] for pk in linked if pk not in wanted and choosable[pk].database.domain_id is None]
    if kept:
        names = list_names([str(table) for table in kept], MAX_LISTED)
        said = _(
            "The database of %(tables)s belongs to no domain. Ask a governance admin to remove it from the product."
        )
        raise RefusedError(said % {"tables": names}, "tables")
    return wanted


def write_tables(product: DataProduct, tables: Sequence[int]) -> None:
    """Exactly these tables, in this order."""
    product.product_tables.exclude(table__in=tables).delete()
    links = [
        ProductTable(product=product, table_id=pk, position=position)
        for position, pk in enumerate(tables, start=1)
    ]
    ProductTable.objects.bulk_create(
        links, update_conflicts=True, unique_fields=["product", "table"], update_fields=["position"]
    )
