"""The bell, the list of notifications, opening one, and notification settings."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.notifications.models import Notification, NotificationSetting
from requests_app.review.actions import reject_item
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.portal.api.calls import patch, read, send
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events


@pytest.fixture
def told(bank: Bank) -> Notification:
    """Ines's notification that Ana requests claims."""
    submit_bank_item(bank)
    project_all_events()
    return Notification.objects.get(person=bank.ines, channel="portal")


def test_the_bell_counts_what_is_new_and_the_list_shows_it(bank: Bank, told: Notification) -> None:
    ines = make_client(bank.ines)
    page = ines.get(reverse("notifications")).content.decode()
    assert '<span class="count">1<span class="visually-hidden"> new' in page
    assert "Ana Keller requests Claims for BI." in page
    answer = ines.get(reverse("notification", args=[told.pk]))
    assert answer["Location"] == reverse("review", args=[told.page_id])
    page = ines.get(reverse("notifications"), {"new": "1"}).content.decode()
    assert "No new notifications of this kind" in page
    assert " new</span></span></a>" not in page


def test_nobody_opens_anothers_notice(bank: Bank, told: Notification) -> None:
    ivo = make_client(bank.ivo)
    forbidden, absent = (ivo.get(reverse("notification", args=[pk])) for pk in (told.pk, 987_654))
    assert forbidden.status_code == absent.status_code == 404
    told.refresh_from_db()
    assert told.read_at is None


def test_all_are_read_up_to_the_newest_that_was_shown(bank: Bank, told: Notification) -> None:
    submit_bank_request(bank, idempotency_key="form-2")
    project_all_events()
    ines = make_client(bank.ines)
    ines.post(reverse("notifications-mark-read"), {"up_to": told.pk})
    assert Notification.objects.filter(person=bank.ines, read_at=None).count() == 1
    assert len(read(ines, "notifications", unread="true")["results"]) == 1
    answer = send(ines, "notifications/mark-read", {"up_to": str(2**62)})
    assert answer.json() == {"unread_count": 0}
    assert read(ines, "notifications", unread="true")["results"] == []
    assert Notification.objects.filter(person=bank.ivo, read_at=None).count() == 2


def test_the_list_goes_on_by_key_with_the_same_queries(bank: Bank) -> None:
    for number in range(32):
        submit_bank_request(bank, idempotency_key=f"form-{number}")
    project_all_events()
    ines = make_client(bank.ines)
    with CaptureQueriesContext(connection) as caught:
        first = ines.get(reverse("notifications"))
    assert len(caught) <= 13
    assert len(first.context["rows"]) == 30
    second = ines.get(reverse("notifications") + first.context["listed"].older_url)
    assert len(second.context["rows"]) == 2
    third = read(ines, "notifications", limit=5)
    assert (len(third["results"]), len(ines.get(third["next"]).json()["results"])) == (5, 5)


@pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?kind=nothing", "?new=2"])
def test_what_an_address_says_wrongly_counts_for_nothing(bank: Bank, told: Notification, query: str) -> None:
    answer = make_client(bank.ines).get(reverse("notifications") + query)
    assert [one.notification.pk for one in answer.context["rows"]] == [told.pk]


def test_what_to_hear_of_is_chosen_by_form_and_by_the_api(bank: Bank) -> None:
    ana = make_client(bank.ana)
    page = ana.post(
        reverse("notification-settings"), {"decided-portal": "off", "said-portal": "nonsense"}, follow=True
    )
    assert "Saved." in page.content.decode()
    assert [(row.kind, row.frequency) for row in NotificationSetting.objects.all()] == [("decided", "off")]
    etag = ana.get("/api/v1/notification-settings")["ETag"]
    wanted = {"kind": "decided", "channel": "portal", "frequency": "at_once"}
    answer = patch(ana, "notification-settings", {"settings": [wanted]}, **{"If-Match": etag})
    assert wanted in answer.json()["settings"]
    assert (
        patch(ana, "notification-settings", {"settings": [wanted]}, **{"If-Match": etag}).status_code == 412
    )
    assert Event.objects.filter(verb="choose_frequencies", actor=f"person:{bank.ana.pk}").count() == 2


def test_what_is_loud_cannot_be_switched_off(bank: Bank) -> None:
    ana = make_client(bank.ana)
    refused = ana.post(
        reverse("notification-settings"), {"break_glass-portal": "off", "commented-portal": "off"}
    )
    assert (refused.status_code, NotificationSetting.objects.count()) == (422, 0)
    etag = ana.get("/api/v1/notification-settings")["ETag"]
    said = {"settings": [{"kind": "break_glass", "channel": "portal", "frequency": "off"}]}
    answer = patch(ana, "notification-settings", said, **{"If-Match": etag})
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")


def test_notifications_are_in_the_order_of_their_times_with_present_states(
    bank: Bank, told: Notification
) -> None:
    """The state of a request that was rejected since is no longer that of its first notification."""
    item = RequestItem.objects.get()
    reject_item(acting_user=bank.ivo, item_id=item.pk, comment="Not needed.", now=clock.now())
    project_all_events()
    rows = make_client(bank.ines).get(reverse("notifications")).context["rows"]
    assert [row.state.state for row in rows if row.notification.pk == told.pk] == ["rejected"]
    times = [row.notification.event.at for row in rows]
    assert times == sorted(times, reverse=True)
