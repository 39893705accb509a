"""Charts of how long sync runs take, and how many tables they read."""

from datetime import timedelta

from catalog.sync.models import SyncRun
from kernel import clock
from portal.sync.views import build_run_charts
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.sync.test_pages import make_run


def test_complete_runs_are_shown_by_period(bank: Bank) -> None:
    now = clock.now()
    for days, seconds, tables in ((9, 30, 100), (9, 10, 120), (0, 40, 130)):
        end = now - timedelta(days=days)
        make_run(bank, tables=tables, started_at=end - timedelta(seconds=seconds), finished_at=end)
    make_run(bank, SyncRun.Outcome.FAILED, tables=7)
    make_run(bank, database="claims", tables=8)
    time, size = build_run_charts(SyncRun.objects.all(), now)
    assert [value for value in time.series[0].values if value] == [20, 40]
    assert [value for value in size.series[0].values if value] == [120, 130]
    assert size.series[0].values[-1] == 130


def test_the_page_shows_them_once_a_run_was_complete(bank: Bank) -> None:
    greta = make_client(bank.greta)
    make_run(bank, SyncRun.Outcome.FAILED)
    assert "Time for a complete sync" not in greta.get("/sync-runs/").content.decode()
    make_run(bank, tables=5)
    page = greta.get("/sync-runs/").content.decode()
    assert "Time for a complete sync" in page
    assert "Most recently 5 in all catalogs." in page
