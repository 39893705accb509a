"""A sync is asked for by a row; one worker takes it; a run whose worker died is closed by the next."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from audit import clock
from catalog.sync.models import SyncRun
from identity.accounts.models import ConnectedCatalog
from tests import factories
from tests.database import as_role
from workers.sync.runs import pick_requested_sync, request_due_syncs, sync_catalog

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


def test_a_waiting_run_is_taken_once(catalog: ConnectedCatalog) -> None:
    waiting = request_run(catalog)

    taken = pick_requested_sync()

    assert taken == waiting
    assert taken is not None
    assert taken.started_at is not None
    assert pick_requested_sync() is None


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


def test_a_run_whose_worker_died_is_closed_by_the_next(catalog: ConnectedCatalog) -> None:
    request_run(catalog)
    abandoned = pick_requested_sync()
    assert abandoned is not None

    sync_catalog(catalog)

    abandoned.refresh_from_db()
    assert (abandoned.outcome, abandoned.error) == (
        SyncRun.Outcome.FAILED,
        "The worker stopped during the run.",
    )


def test_the_command_names_a_catalog_that_is_not_connected(catalog: ConnectedCatalog) -> None:
    with pytest.raises(CommandError, match="No connected catalog is named 'nowhere'"):
        call_command("sync", catalog="nowhere")
    with pytest.raises(CommandError, match="Not everything could be read"):
        call_command("sync", catalog="gov")
