"""Tables that were created again, for tests: what a sync writes of them, and the decision that the workers open."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from identity.people.models import Person
from kernel import clock
from lakeformation.observation.reading import describe_recreated, name_table
from requests_app.grants.models import Grant
from requests_app.recreated_tables.actions import end_recreated_table, keep_recreated_table
from requests_app.recreated_tables.found_tables import open_decisions
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.queries import compare_left_grants
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence

COLUMNS = ("claim_id", "amount", "iban")


def grant_claims(bank: Bank, *, by: Person | None = None, **changes: Any) -> Grant:
    return approve(bank, submit_bank_item(bank, **changes), by=by)


def recreate(former: Table, columns: Sequence[str] = COLUMNS, **changes: Any) -> Table:
    """As a sync writes it: another row, and the earlier one is gone."""
    Table.objects.filter(pk=former.pk).update(tombstoned_at=clock.now())
    made_at = clock.now() + timedelta(seconds=Table.objects.count())
    table = factories.make_table(
        former.database, former.name, columns, sensitive=changes.pop("sensitive", ["iban"]), created=made_at
    )
    Table.objects.filter(pk=table.pk).update(**changes)
    return Table.objects.get(pk=table.pk)


def make_stale(bank: Bank, grant: Grant, reason: str = "") -> None:
    """As the engine proves it."""
    said = reason or describe_recreated(name_table(bank.claims.database.name, bank.claims.name))
    write_presence(
        grant.intent, Intent.Presence.STALE, catalog=bank.catalog, consumer=bank.bi_account, failure=said
    )
    grant.intent.refresh_from_db()


def open_one() -> RecreatedTable:
    """As a worker does it."""
    with as_role("meshmarket_worker"):
        open_decisions(clock.now())
    return RecreatedTable.objects.latest("pk")


def keep(person: Person, row: RecreatedTable, effects_hash: str | None = None) -> RecreatedTable:
    row = RecreatedTable.objects.select_related("table__database__domain").get(pk=row.pk)
    shown = compare_left_grants(row).effects_hash if effects_hash is None else effects_hash
    return keep_recreated_table(
        acting_user=person, recreated_table_id=row.pk, effects_hash=shown, comment="", now=clock.now()
    )


def end(person: Person, row: RecreatedTable, reason: str = "Another table.") -> RecreatedTable:
    return end_recreated_table(acting_user=person, recreated_table_id=row.pk, reason=reason, now=clock.now())


def make_sample_recreated_table(bank: Bank) -> dict[str, int]:
    """One that waits, of a table of its own."""
    table = factories.make_table(bank.claims.database, "recoveries", ("claim_id", "amount"))
    items = [RequestedItem(table.pk, ("claim_id",), False, None)]
    grant_claims(bank, items=items, idempotency_key="recoveries")
    made = recreate(table, ("claim_id", "amount"), sensitive=())
    factories.make_product(bank.domain, bank.ines, [made], "Recoveries")
    return {"recreated_table": open_one().pk}
