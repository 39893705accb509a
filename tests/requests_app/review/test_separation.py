"""What the database itself refuses, whoever writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.actions import record_event
from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.factories import make_table


def write_decision(item: RequestItem, **changes: Any) -> Decision:
    event = record_event(
        verb="test", actor="engine:test", subject=f"item:{item.pk}", data={}, now=clock.now()
    )
    values = {"requester_id": item.requester_id, "answer": "approve", "effects_hash": "f" * 64}
    return Decision.objects.create(item=item, decided_at=event.at, event=event, **values | changes)


def check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nobody_decides_on_their_own_ask(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(IntegrityError, match="decision_by_another"), transaction.atomic():
        write_decision(item, decided_by=bank.ana)


def test_a_decision_cannot_name_another_requester(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(IntegrityError, match="decision_requester_is_the_items"), transaction.atomic():
        write_decision(item, decided_by=bank.ana, requester_id=bank.ines.pk)


def test_an_item_cannot_name_another_requester(bank: Bank) -> None:
    item = submit_bank_item(bank)
    item.pk, item.requester, item.table = None, bank.ines, make_table(bank.claims.database, "premiums")
    with pytest.raises(IntegrityError, match="item_requester_is_the_requests"), transaction.atomic():
        item.save(force_insert=True)


def test_one_person_decides_once_on_the_same_effects(bank: Bank) -> None:
    item = submit_bank_item(bank)
    write_decision(item, decided_by=bank.ines)
    with pytest.raises(IntegrityError, match="decision_once_a_person"), transaction.atomic():
        write_decision(item, decided_by=bank.ines)


def test_a_grant_needs_an_approval_of_its_effects(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    later = grant.ends_at + timedelta(days=1)
    other = submit_bank_item(bank, idempotency_key="form-2", ends_at=later)
    with pytest.raises(DatabaseError, match="no approval of another person"), transaction.atomic():
        grant_without_decision(other)


def grant_without_decision(item: RequestItem) -> None:
    now, effects_hash = clock.now(), "e" * 64
    intent = Intent.objects.create(
        kind="grant",
        scope_key="share:1:1",
        subject=f"item:{item.pk}",
        wanted={},
        effects={},
        effects_hash=effects_hash,
        created_at=now,
    )
    Grant.objects.create(
        item=item,
        intent=intent,
        principal=item.request.principal,
        table=item.table,
        effects_hash=effects_hash,
        granted_at=now,
        ends_at=item.request.ends_at,
        event=record_event(verb="test", actor="engine:test", subject="grant:0", data={}, now=now),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS requests_grant_quorum IMMEDIATE")


@pytest.mark.parametrize(
    "column", ["presence = 'present'", "proven_generation = 1", "wanted = '{}'", "usable = true"]
)
def test_the_web_cannot_say_what_was_seen_or_rewrite_what_is_wanted(bank: Bank, column: str) -> None:
    grant = approve(bank, submit_bank_item(bank))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        _execute(f"UPDATE fulfilment_intent SET {column} WHERE id = {grant.intent_id}")


@pytest.mark.parametrize(
    "table", ["requests_accessrequest", "requests_requestitem", "requests_grant", "requests_decision"]
)
def test_the_web_deletes_no_record(bank: Bank, table: str) -> None:
    approve(bank, submit_bank_item(bank))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        _execute(f"DELETE FROM {table}")


def test_a_decision_is_never_changed(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Decision.objects.update(comment="other words")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
