"""Tables in the catalogs of producer accounts, from which the form of a registration is filled in."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from catalog.mirror.glue_parser import MAX_PARAMETER_LENGTH
from catalog.mirror.models import Column, Table
from catalog.products.models import Domain
from catalog.registrations.content import format_column_line
from catalog.registrations.models import Registration
from identity.accounts import Account, ConnectedCatalog
from lakeformation.values.registered_tables import Bucketing, TableStorage, is_carried, is_iceberg


def list_source_tables(domains: Iterable[Domain]) -> QuerySet[Table]:
    """Lists tables of connected producer catalogs of the domains' own teams, by name."""
    rows = Table.objects.filter(
        database__catalog__kind=ConnectedCatalog.Kind.PRODUCER,
        database__catalog__account__is_producer=True,
        database__catalog__account__team__in=[domain.owner_team_id for domain in domains],
        database__tombstoned_at=None,
        tombstoned_at=None,
    )
    return rows.select_related("database__catalog").order_by("database__name", "name", "pk")


def read_source(table: Table) -> dict[str, str]:
    """Values of the form's fields. One query."""
    columns = list(table.columns.order_by("position"))
    formats = Registration.DataFormat.values
    found = table.data_format.lower()
    return {
        "database": table.database.name,
        "table": table.name,
        "location": table.location,
        "data_format": found if found in formats else Registration.DataFormat.PARQUET,
        "columns": _join(column for column in columns if not column.is_partition_key),
        "partition_keys": _join(column for column in columns if column.is_partition_key),
        "description": table.description,
    }


def find_source_at(producer: Account, location: str, name: str) -> Table | None:
    """The producer's table at the location. Of several, the one with the registered name; else none."""
    location = location.rstrip("/")
    rows = Table.objects.filter(
        database__catalog__kind=ConnectedCatalog.Kind.PRODUCER,
        database__catalog__account=producer,
        database__tombstoned_at=None,
        tombstoned_at=None,
        location__in=(location, f"{location}/"),
    )
    found = list(rows.order_by("pk"))
    named = [one for one in found if one.name == name]
    candidates = found if len(found) == 1 else named
    return candidates[0] if len(candidates) == 1 else None


def read_storage(table: Table) -> dict[str, Any]:
    """What a registration keeps in `storage`; empty if the catalog says nothing of how the table's files are read."""
    said = table.storage
    has_all = all(said.get(name) for name in ("input", "output", "serde"))
    if not has_all and not is_iceberg(table.parameters):
        return {}
    serde_parameters, serde_rest = _split(said.get("serde_parameters", {}), lambda _name: True)
    parameters, rest = _split(table.parameters, is_carried)
    # None without a number of buckets, which readings before it was mirrored lack.
    columns, count = said.get("bucket_columns"), said.get("buckets")
    bucketing = (
        Bucketing(tuple(columns), count, tuple(said.get("sort_columns", ()))) if columns and count else None
    )
    storage = TableStorage(
        said.get("input", ""),
        said.get("output", ""),
        said.get("serde", ""),
        tuple(sorted(serde_parameters.items())),
        tuple(sorted(parameters.items())),
        bool(said.get("compressed")),
        bucketing,
    )
    others = (
        [] if storage.bucketing else [name for name in ("bucket_columns", "sort_columns") if said.get(name)]
    )
    left_out = sorted({*serde_rest, *rest, *said.get("parameters", {}), *others})
    return {**storage.to_json(), "left_out": left_out}


def _split(parameters: Mapping[str, str], carries: Callable[[str], bool]) -> tuple[dict[str, str], list[str]]:
    """What is carried, and the names of the rest: the mirror cuts long values, which are of no use to a reader."""
    kept = {
        name: text for name, text in parameters.items() if carries(name) and len(text) < MAX_PARAMETER_LENGTH
    }
    return kept, [name for name in parameters if name not in kept]


def _join(columns: Iterable[Column]) -> str:
    return "\n".join(format_column_line(column.name, column.type, column.comment) for column in columns)
