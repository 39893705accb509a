"""Passwords are not guessed: after some attempts nobody is heard for a while, whether the e-mail exists or not."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from identity.people.models import Person, SignInAttempt
from kernel import clock
from portal.pages.client_address import get_client_address
from tests import factories
from tests.database import as_role

pytestmark = pytest.mark.django_db
WRONG = "not her password"
BLOCKED_TEXT = "Too many attempts to sign in. Try again after"


@pytest.fixture
def ana() -> Person:
    person = factories.make_person()
    person.set_password(factories.PASSWORD)
    person.save()
    return person


def attempt_sign_in(email: str, password: str = WRONG, address: str = "192.0.2.1") -> HttpResponse:
    typed = {"username": email, "password": password}
    answer = Client(REMOTE_ADDR=address).post(reverse("sign-in"), typed)
    assert isinstance(answer, HttpResponse)
    return answer


def is_blocked(answer: HttpResponse) -> bool:
    assert (answer.status_code == 429) == (BLOCKED_TEXT in answer.content.decode())
    return answer.status_code == 429


def test_the_sixth_attempt_is_refused_even_with_the_right_password(ana: Person) -> None:
    assert [attempt_sign_in(ana.email, address=f"192.0.2.{n}").status_code for n in range(5)] == [200] * 5
    refused = attempt_sign_in(ana.email.upper(), factories.PASSWORD, "192.0.2.9")
    assert is_blocked(refused)
    until = SignInAttempt.objects.order_by("at")[0].at + timedelta(minutes=15, seconds=59)
    assert f"{BLOCKED_TEXT} {until:%H:%M} (UTC)." in refused.content.decode()


def test_an_email_that_nobody_has_is_treated_alike(ana: Person) -> None:
    told = []
    for email in (ana.email, "nobody@bank.example"):
        answers = [attempt_sign_in(email) for _ in range(6)]
        told.append([answer.status_code for answer in answers])
        assert BLOCKED_TEXT in answers[-1].content.decode()
    assert told[0] == told[1] == [200] * 5 + [429]


def test_after_fifteen_minutes_it_is_heard_again_and_the_old_is_gone(ana: Person) -> None:
    for _ in range(6):
        attempt_sign_in(ana.email)
    assert SignInAttempt.objects.count() == 5
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(minutes=15, seconds=1))
    assert attempt_sign_in(ana.email, factories.PASSWORD).status_code == 302
    assert not SignInAttempt.objects.exists()


def test_success_clears_the_count_of_the_email_alone(ana: Person) -> None:
    attempt_sign_in("nobody@bank.example")
    for _ in range(3):
        assert [attempt_sign_in(ana.email).status_code for _ in range(4)] == [200] * 4
        assert attempt_sign_in(ana.email, factories.PASSWORD).status_code == 302
    assert [row.email for row in SignInAttempt.objects.all()] == ["nobody@bank.example"]


def test_one_address_tries_twenty_times_for_all_emails_together(ana: Person) -> None:
    assert not any(is_blocked(attempt_sign_in(f"guess{n}@bank.example")) for n in range(20))
    assert is_blocked(attempt_sign_in(ana.email, factories.PASSWORD))
    assert attempt_sign_in(ana.email, factories.PASSWORD, "192.0.2.2").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "passed", "found"),
    [
        (0, "198.51.100.7", "192.0.2.1"),
        (1, "203.0.113.5, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.5, 198.51.100.7", "203.0.113.5"),
        (1, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (1, "made up", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (3, "198.51.100.7", "192.0.2.1"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxies_saw(proxies: int, passed: str, found: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": passed})
    with override_settings(PROXIES=proxies):
        assert get_client_address(request) == found


@pytest.mark.parametrize("proxies", [1, 2])
def test_requests_that_no_proxy_passed_on_are_limited_by_who_speaks(ana: Person, proxies: int) -> None:
    with override_settings(PROXIES=proxies):
        assert not any(is_blocked(attempt_sign_in(f"guess{n}@bank.example")) for n in range(20))
        assert is_blocked(attempt_sign_in(ana.email, factories.PASSWORD))
        assert attempt_sign_in(ana.email, factories.PASSWORD, "192.0.2.2").status_code == 302
