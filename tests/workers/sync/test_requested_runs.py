"""A sync is asked for by a row; one worker takes it; a run whose worker died is closed by the next."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from background.task_table import TaskName
from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog
from kernel import clock
from kernel.advisory_locks import AdvisoryLock, format_lock_key
from tests import factories
from tests.database import as_role
from workers.dispatch.loop import list_due
from workers.sweep import run_row
from workers.sync.runs import (
    WORKER_STOPPED,
    CatalogBusyError,
    request_due_syncs,
    run_requested_sync,
    sync_catalog,
)
from workers.tasks import BUSY_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectedCatalog]:
    """A catalog in a cloud where nobody answers."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    made = factories.make_catalog(factories.make_account(factories.make_team("Governance")), "gov")
    with as_role("meshmarket_worker"):
        yield made


def request_run(catalog: ConnectedCatalog, seconds_ago: float = 0) -> SyncRun:
    return SyncRun.objects.create(catalog=catalog, requested_at=clock.now() - timedelta(seconds=seconds_ago))


def test_a_requested_run_is_due_until_it_has_ended(catalog: ConnectedCatalog) -> None:
    waiting = request_run(catalog)
    assert list_due(TaskName.READ_CATALOG) == [waiting.pk]

    run_requested_sync(waiting.pk)

    waiting.refresh_from_db()
    assert (waiting.started_at is not None, waiting.outcome) == (True, SyncRun.Outcome.FAILED)
    assert list_due(TaskName.READ_CATALOG) == []
    assert run_requested_sync(waiting.pk) is None


def test_a_run_waits_while_its_catalog_is_being_read(
    catalog: ConnectedCatalog,
) -> None:
    waiting = request_run(catalog)
    other = connection.copy()
    with other.cursor() as cursor:
        key = format_lock_key(AdvisoryLock.CATALOG_SYNC, catalog.pk)
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        with pytest.raises(CatalogBusyError):
            run_requested_sync(waiting.pk)
        result = run_row(TaskName.READ_CATALOG, waiting.pk)
    other.close()

    waiting.refresh_from_db()
    assert waiting.started_at is None
    assert (result.retry_in, result.error) == (BUSY_SECONDS, None)


def test_a_run_of_one_database_is_a_task_of_its_own(catalog: ConnectedCatalog) -> None:
    run = SyncRun.objects.create(catalog=catalog, database="claims", requested_at=clock.now())

    assert list_due(TaskName.READ_DATABASE) == [run.pk]
    assert run.pk not in list_due(TaskName.READ_CATALOG)


def test_what_is_due_is_asked_for_once(catalog: ConnectedCatalog) -> None:
    assert (request_due_syncs(), request_due_syncs()) == (1, 0)


def test_what_was_read_lately_is_not_due(catalog: ConnectedCatalog) -> None:
    run = request_run(catalog, seconds_ago=settings.SYNC_EVERY / 2)
    SyncRun.objects.filter(pk=run.pk).update(started_at=clock.now(), outcome=SyncRun.Outcome.DONE)

    assert request_due_syncs() == 0


def test_a_cloud_that_does_not_answer_is_a_failed_run(catalog: ConnectedCatalog) -> None:
    run = sync_catalog(request_run(catalog))

    run.refresh_from_db()
    assert run.outcome == SyncRun.Outcome.FAILED
    assert "could not be read" in run.error


def test_a_run_whose_worker_died_is_failed_and_requested_again(catalog: ConnectedCatalog) -> None:
    abandoned = request_run(catalog)
    SyncRun.objects.filter(pk=abandoned.pk).update(started_at=clock.now(), may_tombstone=True)

    assert run_requested_sync(abandoned.pk) is None

    abandoned.refresh_from_db()
    assert (abandoned.outcome, abandoned.error) == (SyncRun.Outcome.FAILED, WORKER_STOPPED)
    again = SyncRun.objects.get(started_at=None)
    assert again.may_tombstone
    assert list_due(TaskName.READ_CATALOG) == [again.pk]


def test_the_command_names_a_catalog_that_is_not_connected(catalog: ConnectedCatalog) -> None:
    with pytest.raises(CommandError, match="No connected catalog is named 'nowhere'"):
        call_command("sync", catalog="nowhere")
    with pytest.raises(CommandError, match="Not everything could be read"):
        call_command("sync", catalog="gov")
