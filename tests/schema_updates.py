"""A producer's table in the catalog of its account, whose columns change."""

from collections.abc import Sequence

from audit import clock
from catalog.mirror.models import Column, Table
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.actions import approve_schema_update
from catalog.registrations.schema_updates.effects import compute_update_hash
from catalog.registrations.schema_updates.models import SchemaUpdate
from identity.accounts.models import ConnectedCatalog
from identity.people.models import Person
from tests import factories

ColumnValues = tuple[str, str]
"""Name and type."""
NEW_COLUMN: ColumnValues = ("broker", "string")


def make_source(registration: Registration) -> Table:
    """As it was registered, in a connected catalog of the producer account."""
    catalog = factories.make_catalog(registration.producer)
    ConnectedCatalog.objects.filter(pk=catalog.pk).update(kind=ConnectedCatalog.Kind.PRODUCER)
    database = factories.make_database(catalog, None, "pipeline")
    table = factories.make_table(database, registration.table, columns=())
    Table.objects.filter(pk=table.pk).update(location=registration.location.rstrip("/"))
    columns = [(one["name"], one["type"]) for one in registration.columns]
    change_source(table, columns, comments={one["name"]: one["comment"] for one in registration.columns})
    for position, key in enumerate(registration.partition_keys, start=50):
        Column.objects.create(
            table=table, name=key["name"], type=key["type"], position=position, is_partition_key=True
        )
    return table


def change_source(
    table: Table, columns: Sequence[ColumnValues], comments: dict[str, str] | None = None
) -> None:
    """As a sync writes it."""
    known = comments or dict(table.columns.values_list("name", "comment"))
    table.columns.filter(is_partition_key=False).delete()
    for position, (name, kind) in enumerate(columns):
        Column.objects.create(
            table=table, name=name, type=kind, position=position, comment=known.get(name, "")
        )
    Table.objects.filter(pk=table.pk).update(digest=f"{columns}"[-64:])


def approve_update(person: Person, update: SchemaUpdate, effects_hash: str | None = None) -> SchemaUpdate:
    shown = compute_update_hash(update) if effects_hash is None else effects_hash
    return approve_schema_update(
        acting_user=person, update_id=update.pk, effects_hash=shown, comment="", now=clock.now()
    )
