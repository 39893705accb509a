"""A forgotten password is reset by a link in a mail, which works once and tells nobody who has an account."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from audit.models import Event
from identity.authentication import PasswordResetRequest
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.portal.authentication.reset_links import (
    REQUEST_URL,
    ask_for_link,
    choose_password,
    get_sent_link,
    open_link,
    send_mails,
)

pytestmark = pytest.mark.django_db
NEW = "an entirely new passphrase"


@pytest.fixture(autouse=True)
def mail_settings(settings: Settings) -> None:
    settings.MAIL_IS_SENT = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def ana() -> Person:
    person = factories.make_person()
    person.set_password(factories.PASSWORD)
    person.save()
    return person


def can_sign_in(person: Person, password: str) -> bool:
    typed = {"username": person.email, "password": password}
    return Client().post(reverse("sign-in"), typed).status_code == 302


def test_a_link_sets_a_new_password_and_ends_all_sessions(ana: Person) -> None:
    session = Client()
    session.force_login(ana)
    assert ask_for_link(ana.email.upper())["Location"] == reverse("password-reset-sent")
    link = get_sent_link(ana.email)
    answer = choose_password(Client(), link, NEW)
    assert answer["Location"] == reverse("sign-in")
    assert session.get("/").status_code == 302
    assert can_sign_in(ana, NEW)
    assert not can_sign_in(ana, factories.PASSWORD)
    assert list(
        Event.objects.filter(verb__contains="password").order_by("pk").values_list("verb", flat=True)
    ) == [
        "request_password_reset",
        "reset_password",
    ]


def test_a_link_works_once(ana: Person) -> None:
    ask_for_link(ana.email)
    link = get_sent_link(ana.email)
    choose_password(Client(), link, NEW)
    again = choose_password(Client(), link, "another new passphrase")
    assert again.status_code == 404
    assert "This link no longer works" in again.content.decode()
    assert can_sign_in(ana, NEW)


def test_two_windows_with_one_link_set_one_password(ana: Person) -> None:
    ask_for_link(ana.email)
    link, windows = get_sent_link(ana.email), [Client(), Client()]
    urls = [window.get(link)["Location"] for window in windows]
    typed = {"new_password1": NEW, "new_password2": NEW}
    answers = [window.post(url, typed).status_code for window, url in zip(windows, urls, strict=True)]
    assert answers == [302, 404]


@pytest.mark.parametrize("change", ["password", "email", "last_login", "is_active"])
def test_a_link_ends_when_the_person_changes(ana: Person, change: str) -> None:
    ask_for_link(ana.email)
    link = get_sent_link(ana.email)
    values = {
        "password": "x" * 40,
        "email": "new@harbour.example",
        "last_login": clock.now(),
        "is_active": False,
    }
    Person.objects.filter(pk=ana.pk).update(**{change: values[change]})
    assert open_link(Client(), link).status_code == 404


def test_a_link_ends_with_time_and_is_not_sent_late(ana: Person) -> None:
    ask_for_link(ana.email)
    link = get_sent_link(ana.email)
    assert open_link(Client(), link).status_code == 200
    PasswordResetRequest.objects.all().delete()
    ask_for_link(ana.email)
    assert open_link(Client(), link.replace("/password-reset/", "/password-reset/x")).status_code == 404


def test_the_token_is_not_in_the_address_of_the_page(ana: Person) -> None:
    ask_for_link(ana.email)
    link = get_sent_link(ana.email)
    token = link.rstrip("/").rpartition("/")[2]
    client = Client()
    page = client.get(link)
    assert token not in page["Location"]
    assert token not in client.get(page["Location"]).content.decode()


def test_a_token_is_of_its_person_only(ana: Person) -> None:
    other = factories.make_person("Cem Ay")
    other.set_password(factories.PASSWORD)
    other.save()
    ask_for_link(ana.email)
    ask_for_link(other.email)
    mine, theirs = get_sent_link(ana.email), get_sent_link(other.email)
    mixed = "/".join([*theirs.split("/")[:3], *mine.split("/")[3:]])
    assert open_link(Client(), mixed).status_code == 404


def test_known_and_unknown_addresses_get_the_same_answer_and_work(ana: Person) -> None:
    inactive, without = factories.make_person("Cem Ay"), factories.make_person("Mia Lang")
    inactive.set_password(factories.PASSWORD)
    inactive.is_active = False
    inactive.save()
    without.set_unusable_password()
    without.save()
    emails = [ana.email, "nobody@harbour.example", inactive.email, without.email]
    answers = [ask_for_link(email) for email in emails]
    assert {(one.status_code, one["Location"], one.content) for one in answers} == {
        (302, reverse("password-reset-sent"), b"")
    }
    assert PasswordResetRequest.objects.count() == len(emails)
    send_mails()
    assert [one.to for one in mail.outbox] == [[ana.email]]


def test_the_requests_of_an_address_are_limited_apart_from_signing_in(ana: Person) -> None:
    assert [ask_for_link(ana.email, f"192.0.2.{n}").status_code for n in range(4)] == [302] * 3 + [429]
    assert ask_for_link("nobody@harbour.example").status_code == 302
    assert can_sign_in(ana, factories.PASSWORD)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        assert PasswordResetRequest.objects.count() == 4


@pytest.mark.parametrize(
    ("password", "again", "text"),
    [("short", "short", "at least 12"), (NEW, "different passphrase", "not the same"), ("", "", "required")],
)
def test_a_bad_password_is_refused_in_place_and_the_link_still_works(
    ana: Person, password: str, again: str, text: str
) -> None:
    ask_for_link(ana.email)
    link, client = get_sent_link(ana.email), Client()
    refused = choose_password(client, link, password, again)
    assert refused.status_code == 422
    assert text in refused.content.decode()
    assert choose_password(client, link, NEW).status_code == 302


@pytest.mark.parametrize("email", ["", "no address", "a@b\x00.example", "x" * 300 + "@harbour.example"])
def test_what_is_no_address_is_refused(email: str) -> None:
    assert ask_for_link(email).status_code == 422
    assert not PasswordResetRequest.objects.exists()


def test_without_mail_the_page_says_so(settings: Settings) -> None:
    settings.MAIL_IS_SENT = False
    assert "sends no mail" in Client().get(REQUEST_URL).content.decode()
    assert ask_for_link("ana@harbour.example").status_code == 422
    assert not PasswordResetRequest.objects.exists()


def test_the_sign_in_page_links_to_it() -> None:
    assert f'href="{REQUEST_URL}"' in Client().get(reverse("sign-in")).content.decode()
