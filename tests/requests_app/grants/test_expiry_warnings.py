"""An end is warned of once, ahead of it, and shown where people look at their access."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Event
from background.task_table import TaskName
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError
from requests_app.grants.expiry_warnings import filter_ending_soon, list_unwarned_grants, warn_expiry
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client
from tests.workers.due_tasks import run_due

SECOND = timedelta(seconds=1)


def list_warned() -> list[str]:
    return list(Event.objects.filter(verb="warn_expiry").values_list("subject", flat=True))


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def test_a_month_is_warned_of_a_week_ahead_and_once(grant: Grant) -> None:
    with as_role("meshmarket_worker"):
        run_due(TaskName.WARN)
    assert list_warned() == []
    with pytest.raises(ForbiddenError):
        warn_expiry(grant_id=grant.pk, now=grant.ends_at - timedelta(days=8))
    first = warn_expiry(grant_id=grant.pk, now=grant.ends_at - timedelta(days=7) + SECOND)
    assert warn_expiry(grant_id=grant.pk, now=grant.ends_at - SECOND) == first
    assert list_warned() == [f"grant:{grant.pk}"]


def test_a_short_time_is_warned_of_in_its_last_quarter(bank: Bank) -> None:
    now = clock.now()
    grant = approve(bank, submit_bank_item(bank, ends_at=now + timedelta(hours=8)), now=now)
    with as_role("meshmarket_worker"):
        run_due(TaskName.WARN)
    assert list_warned() == []
    with pytest.raises(ForbiddenError):
        warn_expiry(grant_id=grant.pk, now=now + timedelta(hours=5))
    assert warn_expiry(grant_id=grant.pk, now=now + timedelta(hours=6) + SECOND).verb == "warn_expiry"


def test_of_what_is_stale_nobody_is_warned(bank: Bank, grant: Grant) -> None:
    write_presence(grant.intent, Intent.Presence.STALE, catalog=bank.catalog, consumer=bank.bi_account)
    soon = grant.ends_at - timedelta(days=2)

    assert not list_unwarned_grants(soon).exists()
    assert not filter_ending_soon(Grant.objects.all(), soon).exists()


def test_the_sweep_warns_as_the_worker_and_the_page_lists_it(bank: Bank, grant: Grant) -> None:
    clock_before = grant.ends_at - timedelta(days=2)
    with as_role("meshmarket_owner"):
        clock.advance(clock_before - clock.now())
    with as_role("meshmarket_worker"):
        assert (run_due(TaskName.WARN), run_due(TaskName.WARN)) == (1, 0)
    page = make_client(bank.ana).get(f"{reverse('grants')}?show=soon").content.decode()
    assert "Extend" in page
    assert "not known: CloudTrail is not read" in page
    assert "Nothing ends soon" in make_client(bank.sam).get(f"{reverse('grants')}?show=soon").content.decode()
