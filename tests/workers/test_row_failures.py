"""A row on which something unexpected fails stops no other row, and is not tried again at every pass."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import connection
from pytest_django.fixtures import Settings

from audit import clock
from audit.sealing import seal_pending
from catalog.sync.models import SyncRun
from fulfilment.background.models import TaskHealth
from fulfilment.background.tasks import PartialFailureError
from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Round, Scope
from identity.connections.models import Checkup
from requests_app.grants.actions import expire_grant
from requests_app.grants.models import Grant
from requests_app.notifications import projection
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.models import Notification, NotificationMail
from requests_app.notifications.projection import project_events
from requests_app.review.actions import reject_item
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import TestDatabase, as_role
from tests.requests_app.notifications.projection import project_all_events
from tests.workers.engine_rounds import WORKER
from workers.accounts import checkup
from workers.engine import rounds
from workers.engine.claim import claim_scope
from workers.engine.round_records import RoundResult
from workers.housekeeping import grant_expiry
from workers.outbox import mail
from workers.sync import runs as sync_runs


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    return make_bank()


def fail_first_call(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, but the first call meets what nobody foresaw."""
    calls: list[int] = []

    def wrapped(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise TypeError("not foreseen")
        return work(*arguments, **named)

    return wrapped


def make_two_grants(bank: Bank) -> list[Grant]:
    kim = factories.make_person("Kim Sand")
    factories.add_members(bank.bi, "member", [kim])
    other = factories.make_principal(bank.bi_account, "other-reader")
    asked = [
        submit_bank_item(bank),
        submit_bank_item(bank, acting_user=kim, principal=other, idempotency_key="second"),
    ]
    return [approve(bank, item) for item in asked]


def test_a_grant_that_cannot_be_expired(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_two_grants(bank)
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=400))
    monkeypatch.setattr(grant_expiry, "expire_grant", fail_first_call(expire_grant))
    with as_role(WORKER), pytest.raises(PartialFailureError, match="TypeError"):
        grant_expiry.expire_due_grants()
    states = set(Grant.objects.values_list("pk", "state"))
    assert states == {(first.pk, "live"), (second.pk, "expired")}
    with as_role(WORKER):
        assert grant_expiry.expire_due_grants() == 1


def test_a_letter_that_cannot_be_written(
    bank: Bank, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(mail, "build_message", fail_first_call(mail.build_message))
    for key in ("one", "two"):
        reject_item(
            acting_user=bank.ines,
            item_id=submit_bank_item(bank, idempotency_key=key).pk,
            comment="no",
            now=clock.now(),
        )
    project_all_events()
    with as_role(WORKER):
        create_mails(now=clock.now())
        with pytest.raises(PartialFailureError, match="TypeError"):
            mail.send_due_mails(now=clock.now())
        assert mail.send_due_mails(now=clock.now()) == 0
    unsent = NotificationMail.objects.get(sent_at=None)
    assert unsent.failure.startswith("an unexpected TypeError: error ")
    assert unsent.due_at > clock.now()
    assert len(outbox.outbox) == NotificationMail.objects.count() - 1 > 0


def test_an_event_that_cannot_be_told(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("one", "two"):
        reject_item(
            acting_user=bank.ines,
            item_id=submit_bank_item(bank, idempotency_key=key).pk,
            comment="no",
            now=clock.now(),
        )
    with as_role("meshmarket_sealer"):
        seal_pending()
    monkeypatch.setattr(projection, "build_notifications", fail_first_call(projection.build_notifications))
    with as_role(WORKER):
        with pytest.raises(PartialFailureError, match="TypeError"):
            project_events(now=clock.now())
        assert project_events(now=clock.now()) == 0
    assert Notification.objects.values("event").distinct().count() == 3


def test_a_check_up_that_breaks_off(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Checkup.objects.create(account=bank.bi_account, requested_at=clock.now()) for _ in range(2)]
    monkeypatch.setattr(checkup, "check_account", fail_first_call(lambda *_: []))
    with as_role(WORKER):
        with pytest.raises(PartialFailureError):
            checkup.run_requested_checkups()
        assert checkup.run_requested_checkups() == 0
    for row in rows:
        row.refresh_from_db()
    assert [len(row.findings) for row in rows] == [1, 0]
    assert "failed with an unexpected TypeError" in rows[0].findings[0]["text"]


def test_a_catalog_whose_reading_breaks_off(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [SyncRun.objects.create(catalog=bank.catalog, requested_at=clock.now()) for _ in range(2)]

    def finished(run: SyncRun, _stop: object) -> SyncRun:
        return sync_runs._finish(run, SyncRun.Outcome.DONE, "")

    monkeypatch.setattr(sync_runs, "_run_sync", fail_first_call(finished))
    with as_role(WORKER), pytest.raises(PartialFailureError):
        sync_runs.run_requested_syncs()
    for run in runs:
        run.refresh_from_db()
    assert [run.outcome for run in runs] == ["failed", "done"]
    assert "unexpected TypeError" in runs[0].error


def test_a_scope_whose_round_breaks_off_is_shown_until_a_round_is_well(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = approve(bank, submit_bank_item(bank))
    key = Intent.objects.get(pk=grant.intent_id).scope_key
    monkeypatch.setattr(rounds, "_settle_and_run", fail_first_call(lambda _lease: RoundResult(wait=0.0)))
    with as_role(WORKER):
        _run_round(key)
        row = TaskHealth.objects.get()
        assert (row.part, row.error_class, row.failures) == (f"rounds of {key}", "TypeError", 1)
        assert Scope.objects.get(key=key).failures == 1
        _run_round(key)
        assert not TaskHealth.objects.exists()
    assert not Round.objects.exists()


def _run_round(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fulfilment_scope SET not_before = NULL")
    while (lease := claim_scope("test")) is not None:
        if lease.scope.key == key:
            rounds.run_scope_round(lease)
            return
