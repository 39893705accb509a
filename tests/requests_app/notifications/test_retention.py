"""What was told long ago is removed, some at a time, and never told again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from audit.models import Event
from kernel import clock
from requests_app.notifications import retention
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.models import Notification, NotificationMail
from requests_app.notifications.retention import delete_old_rows
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from tests.bank import Bank, make_bank, submit_bank_item
from tests.database import as_operator, as_role
from tests.requests_app.notifications.projection import project_all_events, reset_projection
from workers.checks import check_retention_times


@pytest.fixture
def bank(db: None, settings: Settings) -> Bank:
    settings.MAIL_IS_SENT = True
    return make_bank()


def told(bank: Bank) -> None:
    """By portal, mail and webhook."""
    with as_operator():
        Webhook.objects.create(name="SIEM", url="https://siem.example/events")
    submit_bank_item(bank)
    project_all_events()
    with as_role("meshmarket_worker"):
        create_mails(now=clock.now())


def mark_delivered() -> None:
    with as_role("meshmarket_worker"):
        NotificationMail.objects.update(sent_at=clock.now())
        WebhookDelivery.objects.update(gave_up_at=clock.now())


def delete_old(now: datetime) -> int:
    with as_role("meshmarket_worker"):
        return delete_old_rows(now=now)


def count_rows() -> tuple[int, int, int]:
    return Notification.objects.count(), NotificationMail.objects.count(), WebhookDelivery.objects.count()


def days_ahead(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


def test_notices_and_letters_go_after_their_time_and_deliveries_after_theirs(bank: Bank) -> None:
    told(bank)
    mark_delivered()
    notices, mails, deliveries = count_rows()
    assert min(notices, mails, deliveries) > 0
    events = Event.objects.count()
    assert delete_old(days_ahead(89)) == 0
    delete_old(days_ahead(91))
    assert count_rows() == (notices, mails, 0)
    assert delete_old(days_ahead(399)) == 0
    delete_old(days_ahead(401))
    assert (count_rows(), Event.objects.count()) == ((0, 0, 0), events)


def test_what_is_still_on_its_way_stays(bank: Bank) -> None:
    told(bank)
    mails, deliveries = NotificationMail.objects.count(), WebhookDelivery.objects.count()
    delete_old(days_ahead(500))
    assert count_rows() == (mails, mails, deliveries)


def test_a_pass_removes_no_more_than_so_many(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    told(bank)
    mark_delivered()
    monkeypatch.setattr(retention, "BATCH_SIZE", 1)
    before = Notification.objects.count()
    delete_old(days_ahead(401))
    assert Notification.objects.count() == before - 1


def test_what_is_removed_is_not_told_again_from_the_start(bank: Bank, settings: Settings) -> None:
    told(bank)
    mark_delivered()
    settings.KEEP_NOTICES_DAYS = settings.KEEP_DELIVERIES_DAYS = 8
    assert check_retention_times() == []
    later = days_ahead(8) + timedelta(minutes=1)
    delete_old(later)
    reset_projection()
    assert (project_all_events(later) > 0, count_rows()) == (True, (0, 0, 0))


@pytest.mark.parametrize("name", ["KEEP_NOTICES_DAYS", "KEEP_DELIVERIES_DAYS"])
def test_a_time_in_which_it_would_be_told_again_is_refused(settings: Any, name: str) -> None:
    setattr(settings, name, 7)
    assert [error.id for error in check_retention_times()] == ["workers.E003"]
