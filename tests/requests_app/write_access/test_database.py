"""What the database refuses by itself: consumers that write, changes of what was requested, intents without a decision."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.write_access.models import WriteRequest
from tests import factories
from tests.database import as_role
from tests.requests_app.write_access.conftest import WritingBank
from tests.write_access import approve_writing


def build_row(writing: WritingBank, **changes: Any) -> WriteRequest:
    words: dict[str, Any] = {
        "table": writing.bank.claims, "domain": writing.bank.domain, "principal": writing.pipeline, "verbs": ["INSERT"],
        "purpose": "Load", "ends_at": factories.days_from_now(3), "requested_by": writing.dev, "requested_at": clock.now(),
    }  # fmt: skip
    return WriteRequest(**words | changes)


def test_a_consumer_s_role_is_refused(writing: WritingBank) -> None:
    for principal in (writing.bank.role, factories.make_account_principal(writing.account)):
        with pytest.raises(IntegrityError, match="does not produce for the domain"), transaction.atomic():
            build_row(writing, principal=principal).save()
    build_row(writing).save()


@pytest.mark.parametrize("verbs", [[], ["SELECT"], ["INSERT", "DROP"]])
def test_other_verbs_are_refused(writing: WritingBank, verbs: list[str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        build_row(writing, verbs=verbs).save()


@pytest.mark.parametrize("change", [{"verbs": ["ALTER"]}, {"purpose": "Other"}, {"requested_by_id": 1}])
def test_what_was_requested_never_changes(writing: WritingBank, change: dict[str, Any]) -> None:
    row = writing.ask()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        WriteRequest.objects.filter(pk=row.pk).update(**change)
    with as_role("meshmarket_owner"), pytest.raises(IntegrityError), transaction.atomic():
        WriteRequest.objects.filter(pk=row.pk).update(**change)


def test_the_database_refuses_a_decision_by_somebody_else(writing: WritingBank) -> None:
    row = writing.ask()
    for person in (writing.dev, writing.bank.greta, writing.bank.ana):
        with pytest.raises(IntegrityError), transaction.atomic():
            WriteRequest.objects.filter(pk=row.pk).update(
                decided_by=person, decided_at=clock.now(), state="rejected"
            )


def forge(row: WriteRequest, **changes: Any) -> Intent:
    assert row.intent is not None
    words = {
        "kind": "write", "scope_key": row.intent.scope_key, "subject": "write_request:0", "wanted": row.intent.wanted,
        "effects": row.intent.effects, "effects_hash": row.effects_hash, "created_at": clock.now(), "expires_at": row.ends_at,
    }  # fmt: skip
    return Intent(**words | changes)


def test_an_intent_without_its_request_is_unjustified(writing: WritingBank) -> None:
    row = approve_writing(writing.bank.ines, writing.ask())
    with pytest.raises(IntegrityError, match="no write request owns it"), transaction.atomic():
        save_and_check(forge(row))


def save_and_check(intent: Intent) -> None:
    """As at the end of a transaction."""
    intent.save()
    connection.check_constraints()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verbs": ["ALTER", "DESCRIBE", "INSERT"]}, "it wants something else than was requested"),
        ({"table": "payments"}, "it wants something else than was requested"),
        ({"principal_arn": "arn:aws:iam::1:role/bi"}, "it wants something else than was requested"),
    ],
)
def test_an_intent_that_wants_more_is_unjustified(
    writing: WritingBank, change: dict[str, Any], why: str
) -> None:
    row = approve_writing(writing.bank.ines, writing.ask())
    assert row.intent is not None
    wanted = row.intent.wanted | change
    connection.check_constraints()
    with as_role("meshmarket_owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fulfilment_intent DISABLE TRIGGER USER")
        Intent.objects.filter(pk=row.intent.pk).update(
            wanted=wanted, effects=row.intent.effects | {"access": wanted}
        )
        cursor.execute("ALTER TABLE fulfilment_intent ENABLE TRIGGER USER")
        cursor.execute("SELECT reason FROM requests_unjustified(%s)", [[row.intent_id]])
        assert cursor.fetchall() == [(why,)]
