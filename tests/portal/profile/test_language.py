"""The language of pages: chosen, or as the browser asks."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from identity.people.models import Person
from tests.bank import Bank
from tests.portal.conftest import make_client

URL = "/profile/language/"
GERMAN = "Profil und Einstellungen"
ENGLISH = "Profile and settings"


def choose(client: Client, language: str) -> Any:
    return client.post(URL, {"language": language}, follow=True)


def open_profile(client: Client, browser: str) -> Any:
    return client.get("/profile/", headers={"accept-language": browser})


@pytest.mark.parametrize(
    ("browser", "language"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr, de;q=0.5", "de"),
        ("en-US", "en-gb"),
        ("fr", "en-gb"),
        ("../../etc", "en-gb"),
        ("", "en-gb"),
    ],
)
def test_without_a_choice_pages_are_in_the_browsers_language(bank: Bank, browser: str, language: str) -> None:
    answer = open_profile(make_client(bank.ana), browser)
    page = answer.content.decode()
    assert (GERMAN in page, ENGLISH in page) == (language == "de", language != "de")
    assert f'<html lang="{language}"' in page
    assert answer.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_a_choice_comes_before_the_browser(bank: Bank) -> None:
    client = make_client(bank.ana)
    said = choose(client, "de").content.decode()
    assert "Ihre Sprache ist gespeichert." in said
    assert GERMAN in open_profile(client, "en").content.decode()
    assert Event.objects.get(verb="choose_language").data == {"language": "de"}
    assert choose(client, "de").status_code == 200
    assert Event.objects.filter(verb="choose_language").count() == 1
    choose(client, "")
    assert ENGLISH in open_profile(client, "en").content.decode()


def test_a_choice_is_the_persons_and_nobody_elses(bank: Bank) -> None:
    choose(make_client(bank.ana), "de")
    assert ENGLISH in open_profile(make_client(bank.ines), "en").content.decode()


@pytest.mark.parametrize("language", ["xx", "DE", "en", "de'; --", "x" * 5000, "../de"])
def test_other_languages_are_refused_in_place(bank: Bank, language: str) -> None:
    answer = choose(make_client(bank.ana), language)
    assert answer.status_code == 422
    assert "Choose one of the languages in the list." in answer.content.decode()
    assert not Person.objects.exclude(language="").exists()


def test_a_choice_that_is_no_longer_offered_counts_as_none(bank: Bank) -> None:
    Person.objects.filter(pk=bank.ana.pk).update(language="tlh")
    assert GERMAN in open_profile(make_client(bank.ana), "de").content.decode()


@pytest.mark.parametrize("path", ["/sign-in/", "/password-reset/", "/no-such-page/"])
def test_pages_without_a_session_follow_the_browser(bank: Bank, path: str) -> None:
    answer = Client().get(path, headers={"accept-language": "de"})
    assert '<html lang="de"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/access-requests/999999/", "/api/v1/no-such-thing/"])
def test_the_api_stays_in_english(bank: Bank, path: str) -> None:
    client = make_client(bank.ana)
    Person.objects.filter(pk=bank.ana.pk).update(language="de")
    answer = client.get(path, headers={"accept-language": "de"})
    in_english = client.get(path, headers={"accept-language": "en"})
    assert answer.json()["title"] == in_english.json()["title"]
    assert "Content-Language" not in answer.headers


def test_the_administration_pages_stay_in_english(bank: Bank) -> None:
    Person.objects.filter(pk=bank.greta.pk).update(language="de")
    page = make_client(Person.objects.get(pk=bank.greta.pk)).get("/admin/").content.decode()
    assert '<html lang="en-gb"' in page
