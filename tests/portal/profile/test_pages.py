"""A person's own settings: who they are, their password and their other sessions."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from identity.people.models import Person, SignInAttempt
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client

NEW = "an entirely new passphrase"
URL = "/profile/password/"


@pytest.fixture
def ana(bank: Bank) -> Person:
    bank.ana.set_password(factories.PASSWORD)
    bank.ana.save()
    return bank.ana


def change_password(
    client: Client, old: str = factories.PASSWORD, new: str = NEW, again: str | None = None
) -> Any:
    again = new if again is None else again
    return client.post(URL, {"old_password": old, "new_password1": new, "new_password2": again})


def sign_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_profile_says_who_one_is_and_leads_to_the_settings(bank: Bank) -> None:
    page = make_client(bank.ana).get("/profile/").content.decode()
    for text in (bank.ana.email, bank.bi.name, reverse("notification-settings"), "Sign out everywhere else"):
        assert text in page
    assert 'href="/profile/"' in make_client(bank.ana).get("/").content.decode()


def test_a_changed_password_ends_the_other_sessions(ana: Person) -> None:
    here, elsewhere = sign_in(ana), sign_in(ana)
    assert change_password(here)["Location"] == "/profile/"
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert Event.objects.filter(verb="change_password", subject=f"person:{ana.pk}").count() == 1
    assert not Event.objects.filter(data__icontains=NEW).exists()


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"old": "wrong"}, "This is not your current password."),
        ({"new": "short"}, "at least 12"),
        ({"again": "other passphrase"}, "not the same"),
    ],
)
def test_bad_input_changes_nothing_and_says_why(ana: Person, said: dict[str, str], text: str) -> None:
    answer = change_password(sign_in(ana), **said)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    ana.refresh_from_db()
    assert ana.check_password(factories.PASSWORD)


def test_the_current_password_cannot_be_guessed(ana: Person) -> None:
    client = sign_in(ana)
    assert [change_password(client, old="wrong").status_code for _try in range(6)] == [422] * 5 + [429]
    assert change_password(client).status_code == 429
    SignInAttempt.objects.all().delete()
    assert change_password(client).status_code == 302


def test_without_a_password_the_page_says_why_there_is_no_form(bank: Bank) -> None:
    bank.ana.set_unusable_password()
    bank.ana.save()
    client = sign_in(bank.ana)
    assert "You have no password in Meshmarket" in client.get(URL).content.decode()
    assert change_password(client).status_code == 422
    bank.ana.refresh_from_db()
    assert not bank.ana.has_usable_password()


def test_signing_out_elsewhere_keeps_this_session_and_the_password(ana: Person) -> None:
    here, elsewhere = sign_in(ana), sign_in(ana)
    assert here.post("/profile/end-other-sessions/")["Location"] == "/profile/"
    assert here.get("/profile/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    ana.refresh_from_db()
    assert ana.check_password(factories.PASSWORD)
