"""What the database refuses by itself: grants moved to another table without a decision, and intents bound to one."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.actions import record_event
from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.grants.justification import find_unjustified
from requests_app.grants.models import Grant
from requests_app.recreated_tables.models import KeptGrant, RecreatedTable
from tests import factories
from tests.bank import Bank
from tests.database import as_role, without_triggers
from tests.recreated_tables import grant_claims, keep, open_one, recreate


def forge(bank: Bank, grant: Grant, row: RecreatedTable, **changes: Any) -> None:
    """A row as the web may write it, with an event in somebody's name."""
    said: dict[str, Any] = {
        "verb": "keep_recreated_table",
        "actor": f"person:{bank.ivo.pk}",
        "subject": row.subject,
        "data": {"grants": [grant.pk]},
    }
    event = record_event(now=clock.now(), **said | changes)
    KeptGrant.objects.create(recreated_table=row, grant=grant, former_table_id=grant.table_id, event=event)


def test_the_web_opens_no_decision(bank: Bank) -> None:
    grant_claims(bank)
    table = recreate(bank.claims)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        RecreatedTable.objects.create(table=table, found_at=clock.now())


@pytest.mark.parametrize("changed", ["other", "stranger", "requester", "nobody", "other grants", "no rule"])
def test_nobody_else_keeps_a_grant(bank: Bank, changed: str) -> None:
    grant = grant_claims(bank)
    recreate(bank.claims)
    row = open_one()
    forgeries: dict[str, dict[str, Any]] = {
        "other": {"subject": "recreated_table:0"},
        "stranger": {"actor": f"person:{bank.sam.pk}"},
        "requester": {"actor": f"person:{bank.ana.pk}"},
        "nobody": {"actor": "engine:clerk"},
        "other grants": {"data": {"grants": []}},
        "no rule": {"verb": "keep_recreated_table_by_rule", "data": {"grants": [grant.pk], "policy": 0}},
    }
    with pytest.raises(IntegrityError, match="no data owner of the domain"), transaction.atomic():
        forge(bank, grant, row, **forgeries[changed])


def test_an_owner_of_the_requesting_side_is_refused(bank: Bank) -> None:
    factories.add_members(bank.bi, "member", [bank.ivo])
    grant = grant_claims(bank)
    recreate(bank.claims)
    row = open_one()
    with pytest.raises(IntegrityError, match="on the requesting side"), transaction.atomic():
        forge(bank, grant, row)


def test_a_table_of_another_name_is_refused(bank: Bank) -> None:
    grant = grant_claims(bank)
    other = factories.make_table(bank.claims.database, "other")
    recreate(bank.claims)
    open_one()
    with as_role("meshmarket_worker"):
        row = RecreatedTable.objects.create(table=other, found_at=clock.now())
    with pytest.raises(IntegrityError, match="no earlier table of that name"), transaction.atomic():
        forge(bank, grant, row)


def test_a_grant_and_its_item_move_only_by_a_kept_grant(bank: Bank) -> None:
    grant = grant_claims(bank)
    table = recreate(bank.claims)
    open_one()
    for rows in (Grant.objects.filter(pk=grant.pk), RequestItem.objects.filter(pk=grant.item_id)):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows.update(table=table)
        connection.check_constraints()
        with (
            as_role("meshmarket_owner"),
            pytest.raises(IntegrityError, match="its table"),
            transaction.atomic(),
        ):
            rows.update(table=table)


def test_a_kept_grant_binds_all_of_it(bank: Bank) -> None:
    grant = grant_claims(bank)
    table = recreate(bank.claims)
    forge(bank, grant, open_one())
    connection.check_constraints()
    kept = Grant.objects.select_related("item", "intent").get(pk=grant.pk)
    assert (kept.table, kept.item.table) == (table, table)
    assert kept.intent.recreated_as == table.glue_created_at


def test_an_intent_is_bound_only_by_a_kept_grant(bank: Bank) -> None:
    grant = grant_claims(bank)
    table = recreate(bank.claims)
    open_one()
    bound = Intent.objects.filter(pk=grant.intent_id)
    for role in ("meshmarket_web", "meshmarket_worker"):
        with as_role(role), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            bound.update(recreated_as=table.glue_created_at)

    def bind(generation: int) -> None:
        with as_role("meshmarket_owner"), transaction.atomic():
            bound.update(recreated_as=table.glue_created_at, generation=generation)
            connection.check_constraints()

    with pytest.raises(IntegrityError, match="proven anew"):
        bind(1)
    with pytest.raises(IntegrityError, match="nobody decided"):
        bind(2)


def test_the_engine_refuses_an_intent_that_nobody_bound(bank: Bank) -> None:
    grant = grant_claims(bank)
    recreate(bank.claims)
    keep(bank.ivo, open_one())
    connection.check_constraints()
    assert find_unjustified([Intent.objects.get(pk=grant.intent_id)]) == {}
    with without_triggers():
        Intent.objects.filter(pk=grant.intent_id).update(recreated_as="2030-01-01T00:00:00+00:00")
    found = find_unjustified([Intent.objects.get(pk=grant.intent_id)])
    assert "created again" in found[grant.intent_id]


def test_what_was_kept_never_changes(bank: Bank) -> None:
    grant_claims(bank)
    recreate(bank.claims)
    row = keep(bank.ivo, open_one())
    with as_role("meshmarket_owner"):
        with pytest.raises(IntegrityError, match="stays on the record"), transaction.atomic():
            KeptGrant.objects.update(former_table=row.table)
        with pytest.raises(IntegrityError, match="made once"), transaction.atomic():
            RecreatedTable.objects.update(state="open")
