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
from fulfilment.background.models import PartHealth
from fulfilment.background.parts import PartlyFailedError
from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Round, Scope
from identity.connections.models import Checkup
from requests_app.grants.actions import expire_grant
from requests_app.grants.models import Grant
from requests_app.notifications import projection
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.models import Letter, Notice
from requests_app.notifications.projection import project_events
from requests_app.review.actions import reject_item
from tests import factories
from tests.bank import Bank, approve, asked_item, make_bank
from tests.database import TestDatabase, as_role
from tests.requests_app.notifications.projection_setup import tell
from tests.workers.working import WORKER
from workers.accounts import checkup
from workers.engine import rounds
from workers.engine.claim import claim
from workers.engine.round_records import Pass
from workers.housekeeping import grant_expiry
from workers.outbox import mail
from workers.sync import runs as sync_runs


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    return make_bank()


def failing_at_first(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, but the first call meets what nobody foresaw."""
    calls: list[int] = []

    def wrapped(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise TypeError("not foreseen")
        return work(*arguments, **named)

    return wrapped


def two_grants(bank: Bank) -> list[Grant]:
    kim = factories.make_person("Kim Sand")
    factories.join(bank.bi, "member", [kim])
    other = factories.make_principal(bank.bi_account, "other-reader")
    asked = [asked_item(bank), asked_item(bank, acting_user=kim, principal=other, submission_key="second")]
    return [approve(bank, item) for item in asked]


def test_a_grant_that_cannot_be_expired(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two_grants(bank)
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=400))
    monkeypatch.setattr(grant_expiry, "expire_grant", failing_at_first(expire_grant))
    with as_role(WORKER), pytest.raises(PartlyFailedError, match="TypeError"):
        grant_expiry.expire_due()
    states = set(Grant.objects.values_list("pk", "state"))
    assert states == {(first.pk, "live"), (second.pk, "expired")}
    with as_role(WORKER):
        assert grant_expiry.expire_due() == 1


def test_a_letter_that_cannot_be_written(
    bank: Bank, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(mail, "message_of", failing_at_first(mail.message_of))
    for key in ("one", "two"):
        reject_item(
            acting_user=bank.ines,
            item_id=asked_item(bank, submission_key=key).pk,
            comment="no",
            now=clock.now(),
        )
    tell()
    with as_role(WORKER):
        create_mails(now=clock.now())
        with pytest.raises(PartlyFailedError, match="TypeError"):
            mail.send_letters(now=clock.now())
        assert mail.send_letters(now=clock.now()) == 0
    unsent = Letter.objects.get(sent_at=None)
    assert unsent.failure.startswith("an unexpected TypeError: error ")
    assert unsent.due_at > clock.now()
    assert len(outbox.outbox) == Letter.objects.count() - 1 > 0


def test_an_event_that_cannot_be_told(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("one", "two"):
        reject_item(
            acting_user=bank.ines,
            item_id=asked_item(bank, submission_key=key).pk,
            comment="no",
            now=clock.now(),
        )
    with as_role("meshmarket_sealer"):
        seal_pending()
    monkeypatch.setattr(projection, "build_notices", failing_at_first(projection.build_notices))
    with as_role(WORKER):
        with pytest.raises(PartlyFailedError, match="TypeError"):
            project_events(now=clock.now())
        assert project_events(now=clock.now()) == 0
    assert Notice.objects.values("event").distinct().count() == 3


def test_a_check_up_that_breaks_off(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Checkup.objects.create(account=bank.bi_account, requested_at=clock.now()) for _ in range(2)]
    monkeypatch.setattr(checkup, "check_account", failing_at_first(lambda *_: []))
    with as_role(WORKER):
        with pytest.raises(PartlyFailedError):
            checkup.check_asked()
        assert checkup.check_asked() == 0
    for row in rows:
        row.refresh_from_db()
    assert [len(row.findings) for row in rows] == [1, 0]
    assert "failed with an unexpected TypeError" in rows[0].findings[0]["text"]


def test_a_catalog_whose_reading_breaks_off(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [SyncRun.objects.create(catalog=bank.catalog, requested_at=clock.now()) for _ in range(2)]

    def finished(run: SyncRun, _stop: object) -> SyncRun:
        return sync_runs._finish(run, SyncRun.Outcome.DONE, "")

    monkeypatch.setattr(sync_runs, "_sync", failing_at_first(finished))
    with as_role(WORKER), pytest.raises(PartlyFailedError):
        sync_runs.sync_requested()
    for run in runs:
        run.refresh_from_db()
    assert [run.outcome for run in runs] == ["failed", "done"]
    assert "unexpected TypeError" in runs[0].error


def test_a_scope_whose_round_breaks_off_is_shown_until_a_round_is_well(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = approve(bank, asked_item(bank))
    key = Intent.objects.get(pk=grant.intent_id).scope_key
    monkeypatch.setattr(rounds, "_run", failing_at_first(lambda _lease: Pass(wait=0.0)))
    with as_role(WORKER):
        _round_of(key)
        row = PartHealth.objects.get()
        assert (row.part, row.error_class, row.failures) == (f"rounds of {key}", "TypeError", 1)
        assert Scope.objects.get(key=key).failures == 1
        _round_of(key)
        assert not PartHealth.objects.exists()
    assert not Round.objects.exists()


def _round_of(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE fulfilment_scope SET not_before = NULL")
    while (lease := claim("test")) is not None:
        if lease.scope.key == key:
            rounds.run(lease)
            return
