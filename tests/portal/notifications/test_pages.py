"""The bell, the list of notices, opening one, and choosing what to hear of."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from requests_app.notifications.models import Notice, NoticeChoice
from tests.bank import Bank, ask, asked_item
from tests.portal.api.calls import patch, read, send
from tests.portal.conftest import signed_in
from tests.requests_app.notifications.projection_setup import tell


@pytest.fixture
def told(bank: Bank) -> Notice:
    """Ines's notice that Ana asks for claims."""
    asked_item(bank)
    tell()
    return Notice.objects.get(person=bank.ines, channel="portal")


def test_the_bell_counts_what_is_new_and_the_list_shows_it(bank: Bank, told: Notice) -> None:
    ines = signed_in(bank.ines)
    page = ines.get(reverse("notifications")).content.decode()
    assert '<span class="count">1<span class="unseen"> new' in page
    assert "Ana Keller requests Claims for BI." in page
    answer = ines.get(reverse("notification", args=[told.pk]))
    assert answer["Location"] == reverse("review", args=[told.page_id])
    page = ines.get(reverse("notifications"), {"new": "1"}).content.decode()
    assert "No new notifications of this kind" in page
    assert " new</span></span></a>" not in page


def test_nobody_opens_anothers_notice(bank: Bank, told: Notice) -> None:
    ivo = signed_in(bank.ivo)
    forbidden, absent = (ivo.get(reverse("notification", args=[pk])) for pk in (told.pk, 987_654))
    assert forbidden.status_code == absent.status_code == 404
    told.refresh_from_db()
    assert told.read_at is None


def test_all_are_read_up_to_the_newest_that_was_shown(bank: Bank, told: Notice) -> None:
    ask(bank, submission_key="form-2")
    tell()
    ines = signed_in(bank.ines)
    ines.post(reverse("notifications-mark-read"), {"up_to": told.pk})
    assert Notice.objects.filter(person=bank.ines, read_at=None).count() == 1
    assert len(read(ines, "notifications", unread="true")["results"]) == 1
    answer = send(ines, "notifications/mark-read", {"up_to": str(2**62)})
    assert answer.json() == {"unread_count": 0}
    assert read(ines, "notifications", unread="true")["results"] == []
    assert Notice.objects.filter(person=bank.ivo, read_at=None).count() == 2


def test_the_list_goes_on_by_key_with_the_same_queries(bank: Bank) -> None:
    for number in range(32):
        ask(bank, submission_key=f"form-{number}")
    tell()
    ines = signed_in(bank.ines)
    with CaptureQueriesContext(connection) as caught:
        first = ines.get(reverse("notifications"))
    assert len(caught) <= 13
    assert len(first.context["notices"]) == 30
    second = ines.get(reverse("notifications") + first.context["next_url"])
    assert len(second.context["notices"]) == 2
    third = read(ines, "notifications", limit=5)
    assert (len(third["results"]), len(ines.get(third["next"]).json()["results"])) == (5, 5)


@pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?kind=nothing", "?new=2"])
def test_what_an_address_says_wrongly_counts_for_nothing(bank: Bank, told: Notice, query: str) -> None:
    answer = signed_in(bank.ines).get(reverse("notifications") + query)
    assert [one.notice.pk for one in answer.context["notices"]] == [told.pk]


def test_what_to_hear_of_is_chosen_by_form_and_by_the_api(bank: Bank) -> None:
    ana = signed_in(bank.ana)
    page = ana.post(
        reverse("notification-settings"), {"decided-portal": "off", "said-portal": "nonsense"}, follow=True
    )
    assert "Saved." in page.content.decode()
    assert [(row.kind, row.pace) for row in NoticeChoice.objects.all()] == [("decided", "off")]
    etag = ana.get("/api/v1/notification-settings")["ETag"]
    wanted = {"kind": "decided", "channel": "portal", "frequency": "at_once"}
    answer = patch(ana, "notification-settings", {"settings": [wanted]}, **{"If-Match": etag})
    assert wanted in answer.json()["settings"]
    assert (
        patch(ana, "notification-settings", {"settings": [wanted]}, **{"If-Match": etag}).status_code == 412
    )
    assert Event.objects.filter(verb="choose_paces", actor=f"person:{bank.ana.pk}").count() == 2


def test_what_is_loud_cannot_be_switched_off(bank: Bank) -> None:
    ana = signed_in(bank.ana)
    refused = ana.post(reverse("notification-settings"), {"emergency-portal": "off", "said-portal": "off"})
    assert (refused.status_code, NoticeChoice.objects.count()) == (422, 0)
    etag = ana.get("/api/v1/notification-settings")["ETag"]
    said = {"settings": [{"kind": "emergency", "channel": "portal", "frequency": "off"}]}
    answer = patch(ana, "notification-settings", said, **{"If-Match": etag})
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
