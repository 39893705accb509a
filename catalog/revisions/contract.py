"""The contract of a product: the schemas of its tables, and the version that a draft would have."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct
from catalog.revisions.models import ProductRevision
from catalog.revisions.states import RevisionState
from catalog.revisions.versions import (
    FIRST_VERSION,
    ContractChange,
    Schemas,
    TableSchema,
    compare_contracts,
    compute_next_version,
    list_breaking_changes,
    parse_schemas,
)


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
            "contract_changes": [one.to_json() for one in self.changes],
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
    newest = _get_newest(product)
    return newest.version if newest else get_initial_version(product)


def get_initial_version(product: DataProduct) -> str:
    """Of a product without versioned revisions."""
    return FIRST_VERSION if product.is_published or product.retired_at else ""


def compute_draft_version(product: DataProduct, before: dict[str, Any], after: dict[str, Any]) -> NextVersion:
    """Of what the product says before and after, as JSON of `ProductContent`. Compared with the schemas of the last version."""
    newest = _get_newest(product)
    old = parse_schemas(newest.schemas) if newest else read_schemas(before["tables"])
    new = read_schemas(after["tables"])
    current = get_current_version(product)
    if not current:
        return NextVersion(compute_next_version("", ()), new, ())
    changes = compare_contracts(old, new, before["keywords"], after["keywords"])
    return NextVersion(compute_next_version(current, changes), new, changes)


def _get_newest(product: DataProduct) -> ProductRevision | None:
    rows = product.revisions.filter(state=RevisionState.PUBLISHED).exclude(version="")
    return rows.order_by("-number").first()
