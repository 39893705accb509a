"""Tables in the catalogs of producer accounts, from which the form of a registration is filled in."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.mirror.models import Column, Table
from catalog.products.models import Domain
from catalog.registrations.content import format_column_line
from catalog.registrations.models import Registration
from identity.accounts.models import ConnectedCatalog


def list_source_tables(domains: Iterable[Domain]) -> QuerySet[Table]:
    """Of connected producer catalogs of the domains' own teams, by name."""
    rows = Table.objects.filter(
        database__catalog__kind=ConnectedCatalog.Kind.PRODUCER,
        database__catalog__account__is_producer=True,
        database__catalog__account__team__in=[one.owner_team_id for one in domains],
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
        "columns": _join(one for one in columns if not one.is_partition_key),
        "partition_keys": _join(one for one in columns if one.is_partition_key),
        "description": table.description,
    }


def _join(columns: Iterable[Column]) -> str:
    return "\n".join(format_column_line(one.name, one.type, one.comment) for one in columns)
