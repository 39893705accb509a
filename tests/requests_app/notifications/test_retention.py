"""What was told long ago is removed, some at a time, and never told again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from audit import clock
from audit.models import Event
from requests_app.notifications import retention
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.models import Letter, Notice
from requests_app.notifications.retention import delete_old_rows
from requests_app.notifications.webhooks.models import Delivery, Webhook
from tests.bank import Bank, asked_item, make_bank
from tests.database import as_role
from tests.requests_app.notifications.projection_setup import from_the_start, tell
from workers.checks import kept_times


@pytest.fixture
def bank(db: None, settings: Settings) -> Bank:
    settings.MAIL_IS_SENT = True
    return make_bank()


def told(bank: Bank) -> None:
    """By portal, mail and webhook."""
    Webhook.objects.create(name="SIEM", url="https://siem.example/events")
    asked_item(bank)
    tell()
    with as_role("meshmarket_worker"):
        create_mails(now=clock.now())


def arrived() -> None:
    with as_role("meshmarket_worker"):
        Letter.objects.update(sent_at=clock.now())
        Delivery.objects.update(gave_up_at=clock.now())


def forget(now: datetime) -> int:
    with as_role("meshmarket_worker"):
        return delete_old_rows(now=now)


def counts() -> tuple[int, int, int]:
    return Notice.objects.count(), Letter.objects.count(), Delivery.objects.count()


def in_days(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


def test_notices_and_letters_go_after_their_time_and_deliveries_after_theirs(bank: Bank) -> None:
    told(bank)
    arrived()
    notices, letters, deliveries = counts()
    assert min(notices, letters, deliveries) > 0
    events = Event.objects.count()
    assert forget(in_days(89)) == 0
    forget(in_days(91))
    assert counts() == (notices, letters, 0)
    assert forget(in_days(399)) == 0
    forget(in_days(401))
    assert (counts(), Event.objects.count()) == ((0, 0, 0), events)


def test_what_is_still_on_its_way_stays(bank: Bank) -> None:
    told(bank)
    letters, deliveries = Letter.objects.count(), Delivery.objects.count()
    forget(in_days(500))
    assert counts() == (letters, letters, deliveries)


def test_a_pass_removes_no_more_than_so_many(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    told(bank)
    arrived()
    monkeypatch.setattr(retention, "BATCH_SIZE", 1)
    before = Notice.objects.count()
    forget(in_days(401))
    assert Notice.objects.count() == before - 1


def test_what_is_removed_is_not_told_again_from_the_start(bank: Bank, settings: Settings) -> None:
    told(bank)
    arrived()
    settings.KEEP_NOTICES_DAYS = settings.KEEP_DELIVERIES_DAYS = 8
    assert kept_times() == []
    later = in_days(8) + timedelta(minutes=1)
    forget(later)
    from_the_start()
    assert (tell(later) > 0, counts()) == (True, (0, 0, 0))


@pytest.mark.parametrize("name", ["KEEP_NOTICES_DAYS", "KEEP_DELIVERIES_DAYS"])
def test_a_time_in_which_it_would_be_told_again_is_refused(settings: Any, name: str) -> None:
    setattr(settings, name, 7)
    assert [error.id for error in kept_times()] == ["workers.E003"]
