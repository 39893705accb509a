"""A row on which something unexpected fails stops no other row; it is recorded, shown, and tried again later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from pytest_django.fixtures import Settings

from audit.actions import seal_pending
from background.health import NOW
from background.models import TaskFailure
from background.task_table import TaskName
from background.tasks import PartialFailureError
from catalog.sync.models import SyncRun
from fulfilment.rounds import Round, Scope
from kernel import clock
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
from tests.factories import make_checkup
from tests.requests_app.notifications.projection import project_all_events
from tests.workers.engine_rounds import WORKER
from workers import housekeeping, outbox
from workers.accounts import checkup
from workers.engine import rounds
from workers.engine.round_records import RoundResult
from workers.sweep import run_due_rows, run_row
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
            raise TypeError("a secret that is not to be shown")
        return work(*arguments, **named)

    return wrapped


def run_and_count_errors(task: TaskName) -> tuple[int, int]:
    """How many rows were run, and how many of them failed."""
    with as_role(WORKER):
        results = run_due_rows(task)
    return len(results), len([result for result in results if result.error])


def end_back_off() -> None:
    with as_role(WORKER):
        TaskFailure.objects.update(retry_at=NOW)


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
    monkeypatch.setattr(housekeeping, "expire_grant", fail_first_call(expire_grant))

    assert run_and_count_errors(TaskName.EXPIRE_DUE) == (2, 1)

    states = set(Grant.objects.values_list("pk", "state"))
    assert states == {(first.pk, "live"), (second.pk, "expired")}
    failure = TaskFailure.objects.get()
    assert (failure.task, failure.row_id, failure.error_class, failure.failures) == (
        TaskName.EXPIRE_DUE,
        first.pk,
        "TypeError",
        1,
    )
    assert ("in wrapped" in failure.frames, "TypeError: " in failure.frames) == (True, False)
    assert run_and_count_errors(TaskName.EXPIRE_DUE) == (0, 0)  # it backs off
    end_back_off()
    assert run_and_count_errors(TaskName.EXPIRE_DUE) == (1, 0)
    assert TaskFailure.objects.get().resolved_at is not None


def reject_two_items(bank: Bank) -> None:
    for key in ("one", "two"):
        item = submit_bank_item(bank, idempotency_key=key)
        reject_item(acting_user=bank.ines, item_id=item.pk, comment="no", now=clock.now())


def test_a_mail_that_cannot_be_written(
    bank: Bank, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(outbox, "build_message", fail_first_call(outbox.build_message))
    reject_two_items(bank)
    project_all_events()
    with as_role(WORKER):
        create_mails(now=clock.now())
    mails = NotificationMail.objects.count()

    assert run_and_count_errors(TaskName.SEND_MAIL) == (mails, 1)
    assert run_and_count_errors(TaskName.SEND_MAIL) == (0, 0)

    unsent = NotificationMail.objects.get(sent_at=None)
    assert unsent.failure.startswith("an unexpected TypeError: error ")
    assert unsent.due_at > clock.now()
    assert len(mail.outbox) == mails - 1 > 0


def test_an_event_that_cannot_be_told(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    reject_two_items(bank)
    with as_role("meshmarket_sealer"):
        seal_pending()
    monkeypatch.setattr(projection, "build_notifications", fail_first_call(projection.build_notifications))
    with as_role(WORKER):
        with pytest.raises(PartialFailureError, match="TypeError"):
            project_events(now=clock.now())
        assert project_events(now=clock.now()) == 0
    assert Notification.objects.values("event").distinct().count() == 3


def test_a_checkup_that_breaks_off_is_finished_and_says_so(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [make_checkup(account=bank.bi_account) for _ in range(2)]
    monkeypatch.setattr(checkup, "check_account", fail_first_call(lambda *_: []))

    assert run_and_count_errors(TaskName.CHECK_ACCOUNT) == (2, 1)
    end_back_off()
    assert run_and_count_errors(TaskName.CHECK_ACCOUNT) == (0, 0)

    for row in rows:
        row.refresh_from_db()
    assert [len(row.findings) for row in rows] == [1, 0]
    assert "failed with an unexpected TypeError" in rows[0].findings[0]["text"]


def test_a_catalog_whose_reading_breaks_off(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_role(WORKER):
        runs = [SyncRun.objects.create(catalog=bank.catalog, requested_at=clock.now()) for _ in range(2)]

    def finished(run: SyncRun, _stop: object) -> SyncRun:
        return sync_runs._finish(run, SyncRun.Outcome.DONE, "")

    monkeypatch.setattr(sync_runs, "_run_sync", fail_first_call(finished))
    with as_role(WORKER):
        results = [run_row(TaskName.READ_CATALOG, run.pk) for run in runs]
    for run in runs:
        run.refresh_from_db()
    assert [result.error is None for result in results] == [False, True]
    assert [run.outcome for run in runs] == ["failed", "done"]
    assert "unexpected TypeError" in runs[0].error


def test_a_scope_whose_round_breaks_off_is_shown_until_a_round_succeeds(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(bank, submit_bank_item(bank))
    monkeypatch.setattr(rounds, "_settle_and_run", fail_first_call(lambda _lease: RoundResult(wait=60.0)))
    assert run_and_count_errors(TaskName.CONVERGE_SCOPE) == (2, 1)
    failure = TaskFailure.objects.get()
    scope = Scope.objects.get(pk=failure.row_id)
    assert (failure.error_class, failure.resolved_at, scope.failures) == ("TypeError", None, 1)
    assert scope.lease_until is None

    with as_role(WORKER), connection.cursor() as cursor:
        cursor.execute("UPDATE fulfilment_scope SET not_before = NULL, scan_at = NULL")
    assert run_and_count_errors(TaskName.CONVERGE_SCOPE) == (2, 0)

    assert TaskFailure.objects.get().resolved_at is not None
    assert not Round.objects.exists()
