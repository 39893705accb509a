"""What a schema update makes of the registered table."""

from dataclasses import replace
from typing import Any

from catalog.registrations.effects import build_effects, build_registered_table
from catalog.registrations.schema_updates.models import SchemaUpdate
from lakeformation.values.canonical_json import digest
from lakeformation.values.registered_tables import RegisteredColumn, RegisteredTable, TableStorage


def build_updated_table(update: SchemaUpdate) -> RegisteredTable:
    table = build_registered_table(update.registration)
    before = update.replaces_storage
    return replace(
        table,
        columns=tuple(map(RegisteredColumn.from_json, update.columns)),
        replaces=tuple(map(RegisteredColumn.from_json, update.replaces)),
        storage=TableStorage.from_json(update.storage) if update.storage else table.storage,
        replaces_storage=TableStorage.from_json(before) if before else None,
    )


def build_update_effects(update: SchemaUpdate) -> dict[str, Any]:
    """Builds the effects of the registration with the other columns: nobody gets or loses a permission on the table."""
    return {**build_effects(update.registration), "registration": build_updated_table(update).to_json()}


def compute_update_hash(update: SchemaUpdate) -> str:
    return digest(build_update_effects(update))
