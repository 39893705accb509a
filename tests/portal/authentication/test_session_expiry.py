"""A session ends half an hour after its person's last request, and twelve hours after the first."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.bank import Bank
from tests.portal.conftest import make_client

POLL = {"HX-Request": "true"}


@pytest.fixture
def ana(bank: Bank) -> Client:
    return make_client(bank.ana)


def age_session(minutes: float) -> None:
    """As if the row had been written so much earlier."""
    row = Session.objects.get()
    row.expire_date -= timedelta(minutes=minutes)
    row.save()


def get_time_left() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def is_signed_in(client: Client, address: str = "/help/shortcuts/") -> bool:
    return client.get(address).status_code == 200


def test_it_ends_after_thirty_idle_minutes(ana: Client) -> None:
    age_session(29)
    assert is_signed_in(ana)
    age_session(29)
    assert is_signed_in(ana)
    age_session(31)
    assert ana.get("/help/shortcuts/").headers["Location"] == "/sign-in/?next=/help/shortcuts/"


def test_a_request_puts_the_end_off_and_the_cookie_s_too(ana: Client) -> None:
    age_session(20)
    assert get_time_left() < timedelta(minutes=11)
    answer = ana.get("/help/shortcuts/")
    assert get_time_left() > timedelta(minutes=29)
    assert answer.cookies["sessionid"]["max-age"] == 30 * 60


def test_what_a_page_asks_for_by_itself_does_not(ana: Client) -> None:
    age_session(20)
    for _ in range(3):
        assert ana.get("/access-requests/?seen=1", headers=POLL).status_code == 200
    assert get_time_left() < timedelta(minutes=11)


def test_it_is_written_once_a_minute_at_most(ana: Client) -> None:
    age_session(0.9)
    before = Session.objects.get().expire_date
    assert is_signed_in(ana)
    assert Session.objects.get().expire_date == before
    age_session(0.2)
    assert is_signed_in(ana)
    assert Session.objects.get().expire_date > before


def test_twelve_hours_after_its_beginning_it_ends_however_busy(ana: Client) -> None:
    age_session(2)
    assert is_signed_in(ana)
    session = ana.session
    session["began"] -= 12 * 3600 - 300
    session.save()
    assert is_signed_in(ana)
    session["began"] -= 300
    session.save()
    assert not is_signed_in(ana)
    assert not Session.objects.exists()
