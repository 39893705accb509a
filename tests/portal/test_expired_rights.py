"""Somebody who may no longer, or not yet: a person who left, their mail link, a delegation that ended or has not begun."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from audit.models import Event
from identity.people.models import Membership, Person
from kernel import clock
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.notifications.mail_links import build_link
from requests_app.notifications.models import Notification
from requests_app.review.delegation.actions import end_delegation
from requests_app.review.terms import compute_item_approval_hash
from tests.bank import Bank, make_owner_developer, submit_bank_item
from tests.database import as_role
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events
from tests.requests_app.review.test_delegation import delegate_to

A_DAY = timedelta(days=1)


@pytest.fixture
def emre(bank: Bank) -> Person:
    return make_owner_developer(bank)


def try_approval(client: Client, item: RequestItem) -> list[HttpResponse]:
    """A yes by the page and by the API."""
    said: dict[str, Any] = {"effects_hash": compute_item_approval_hash(item), "comment": ""}
    page = client.post(reverse("review", args=[item.pk]), said | {"answer": "approve"})
    api = send(client, f"reviews/{item.pk}/decisions", said | {"outcome": "approve"})
    return [page, api]


def test_whoever_left_decides_nothing_in_a_session_that_lay_open(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    with as_role("none"):
        Person.objects.filter(pk=bank.ines.pk).update(is_active=False)
    before = Event.objects.count()
    page, api = try_approval(ines, item)
    assert page.headers["Location"].startswith("/sign-in/")
    assert api.status_code in {401, 403}
    assert (Decision.objects.count(), Event.objects.count()) == (0, before)


@pytest.fixture
def link(bank: Bank, settings: Settings) -> str:
    """From a mail to Ines, without the site."""
    settings.MAIL_IS_SENT = True
    submit_bank_item(bank)
    project_all_events()
    return build_link(Notification.objects.get(person=bank.ines, channel="mail")).removeprefix(
        "http://localhost:8000"
    )


def test_the_mail_link_of_whoever_left_opens_for_nobody(bank: Bank, link: str) -> None:
    ines = make_client(bank.ines)
    with as_role("none"):
        Person.objects.filter(pk=bank.ines.pk).update(is_active=False)
    assert ines.get(link).headers["Location"].startswith("/sign-in/")
    assert [make_client(person).get(link).status_code for person in (bank.ivo, bank.greta, bank.ana)] == [
        404
    ] * 3
    assert not Notification.objects.exclude(read_at=None).exists()


def test_a_mail_link_shows_nothing_to_whoever_left_the_team(bank: Bank, link: str) -> None:
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).delete()
    answer = make_client(bank.ines).get(link, follow=True)
    assert answer.status_code == 404
    assert "Quarterly reserve report" not in answer.content.decode()


@pytest.mark.parametrize("when", ["ended", "passed", "not begun"])
def test_without_a_delegation_in_force_nothing_is_decided(bank: Bank, emre: Person, when: str) -> None:
    item, now = submit_bank_item(bank), clock.now()
    times = {"starts_at": now + A_DAY, "ends_at": now + 2 * A_DAY} if when == "not begun" else {}
    given = delegate_to(bank, emre, **times)
    if when == "ended":
        end_delegation(acting_user=bank.ines, delegation_id=given.pk, now=now)
    if when == "passed":
        with as_role("none"):
            clock.advance(2 * A_DAY)
    before, client = Event.objects.count(), make_client(emre)
    page, api = try_approval(client, item)
    assert (page.status_code, api.status_code) == (422, 403)
    assert 'role="alert"' in page.content.decode()
    assert 'value="approve"' not in client.get(reverse("review", args=[item.pk])).content.decode()
    assert read(client, "reviews")["results"] == []
    assert (Decision.objects.count(), Event.objects.count()) == (0, before)


def test_a_decision_under_a_delegation_that_ended_since_stands(bank: Bank, emre: Person) -> None:
    item = submit_bank_item(bank)
    given = delegate_to(bank, emre)
    page, again = try_approval(make_client(emre), item)
    end_delegation(acting_user=bank.ines, delegation_id=given.pk, now=clock.now())
    assert (page.status_code, again.status_code) == (302, 409)
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.on_behalf_of) == (emre, bank.ines)
