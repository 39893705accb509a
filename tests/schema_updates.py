"""A producer's table in the catalog of its account, whose columns change."""

from collections.abc import Sequence

from catalog.mirror.models import Column, Table
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.effects import compute_update_hash
from catalog.registrations.schema_updates.execution import find_schema_updates
from catalog.registrations.schema_updates.kind import SCHEMA_UPDATE
from catalog.registrations.schema_updates.models import SchemaUpdate
from decisions.actions import approve_proposal
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.crawlers import make_sample_crawler_run
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.registrations import approve, ask, build_content, make_engineer_person, make_producer

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


def register(bank: Bank) -> Registration:
    """A table whose columns are proven."""
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    role = factories.make_principal(account, "claims-pipeline")
    row = approve(
        bank.ines, ask(make_engineer_person(bank.domain), build_content(bank.catalog, bank.domain, role))
    )
    prove(row)
    return row


def prove(row: Registration) -> None:
    row.refresh_from_db()
    for intent in (row.table_intent, row.write_intent):
        assert intent is not None
        write_presence(intent, Intent.Presence.PRESENT, catalog=row.catalog, consumer=row.producer)


def find_updates() -> int:
    with as_role("meshmarket_web"):
        return find_schema_updates(clock.now())


def find_breaking_update(row: Registration) -> SchemaUpdate:
    """Of a registration that was approved: the producer removes its first column."""
    prove(row)
    change_source(make_source(row), [(one["name"], one["type"]) for one in row.columns[1:]])
    find_updates()
    return row.schema_updates.get()


def approve_update(person: Person, update: SchemaUpdate, effects_hash: str | None = None) -> SchemaUpdate:
    shown = compute_update_hash(update) if effects_hash is None else effects_hash
    return approve_proposal(
        kind=SCHEMA_UPDATE,
        acting_user=person,
        pk=update.pk,
        effects_hash=shown,
        comment="",
        now=clock.now(),
    )


def make_sample_registrations(bank: Bank) -> dict[str, int]:
    """One that waits, outside the gold location, an approved one with a schema update that waits, and a crawler run."""
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    role = factories.make_principal(account, "claims-pipeline")
    outside = {"table": "outside", "location": "s3://elsewhere/x/", "exception_reason": "It moves in May."}
    waiting, approved = (
        ask(bank.ines, build_content(bank.catalog, bank.domain, role, **changes)) for changes in (outside, {})
    )
    approve(bank.ivo, approved)
    update = find_breaking_update(approved)
    return {
        "registration": waiting.pk,
        "approved_registration": approved.pk,
        "schema_update": update.pk,
        **make_sample_crawler_run(bank),
    }
