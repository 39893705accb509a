"""Roles and users of all accounts are read once for the catalogs that were asked for at one moment."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from background.task_table import TaskName
from catalog.sync.models import SyncRun
from catalog.sync.runs import request_sync
from identity.accounts import Account, ConnectedCatalog
from kernel import clock
from tests import factories
from tests.database import as_role
from tests.workers.due_tasks import run_due
from workers.accounts.principals import sync_principals
from workers.aws.errors import AwsError, ErrorKind
from workers.sync import runs as sync_runs
from workers.sync.runs import sync_catalog, sync_catalogs


@dataclass
class RecordedReads:
    """The accounts whose roles were read, one after the other; the first one refuses as often as it `refuses`."""

    accounts: list[str] = field(default_factory=list)
    refuses: int = 0

    def __call__(self, account: Account, region: str, now: datetime) -> int:
        if self.refuses:
            self.refuses -= 1
            raise AwsError(ErrorKind.DENIED, "AccessDeniedException", "not now")
        self.accounts.append(account.account_id)
        return sync_principals(account, region, now)


@pytest.fixture
def catalogs(seeded: None) -> list[ConnectedCatalog]:
    return list(ConnectedCatalog.objects.select_related("account").order_by("pk"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> RecordedReads:
    noted = RecordedReads()
    monkeypatch.setattr(sync_runs, "sync_principals", noted)
    return noted


def every_account() -> list[str]:
    return list(Account.objects.order_by("pk").values_list("account_id", flat=True))


def test_catalogs_that_are_read_together_read_roles_once(
    catalogs: list[ConnectedCatalog], read: RecordedReads
) -> None:
    runs = sync_catalogs(catalogs)

    assert {run.outcome for run in runs} == {SyncRun.Outcome.DONE}
    assert [run.principals > 0 for run in runs] == [True, False]
    assert read.accounts == every_account()


def test_what_the_schedule_asks_for_reads_roles_once(
    catalogs: list[ConnectedCatalog], read: RecordedReads
) -> None:
    assert run_due(TaskName.READ_CATALOG) == len(catalogs) > 1
    assert read.accounts == every_account()


def test_a_reading_that_is_asked_for_later_reads_them_anew(
    catalogs: list[ConnectedCatalog], read: RecordedReads
) -> None:
    sync_catalogs(catalogs)
    sync_catalog(catalogs[1])

    assert read.accounts == 2 * every_account()


def test_where_an_account_refused_the_next_catalog_asks_again(
    catalogs: list[ConnectedCatalog], read: RecordedReads
) -> None:
    read.refuses = 1
    first, second = sync_catalogs(catalogs)

    assert (first.outcome, second.outcome) == (SyncRun.Outcome.FAILED, SyncRun.Outcome.DONE)
    assert read.accounts == [*every_account()[1:], *every_account()]


def test_who_joins_a_run_that_waits_gets_the_roles_of_that_moment(
    catalogs: list[ConnectedCatalog], read: RecordedReads
) -> None:
    with as_role("meshmarket_web"):
        admin, catalog = factories.make_admin(), catalogs[0].pk
        waiting = request_sync(acting_user=admin, catalog_id=catalog, now=clock.now())
    sync_catalog(catalogs[1])

    with as_role("meshmarket_web"):
        assert request_sync(acting_user=admin, catalog_id=catalog, now=clock.now()) == waiting
    waiting.refresh_from_db()
    sync_catalog(waiting)

    assert read.accounts == 2 * every_account()


def test_an_account_that_was_connected_meanwhile_has_its_roles_read(
    catalogs: list[ConnectedCatalog], read: RecordedReads
) -> None:
    with as_role("meshmarket_web"):
        admin = factories.make_admin()
        waiting = request_sync(acting_user=admin, catalog_id=catalogs[0].pk, now=clock.now())
    sync_catalog(catalogs[1])
    read.accounts.clear()
    with as_role("meshmarket_web"):
        Account.objects.latest("pk").principals.all().delete()

    sync_catalog(waiting)

    assert read.accounts == every_account()
