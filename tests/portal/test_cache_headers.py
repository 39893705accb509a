"""What a person is shown is kept by no browser and no proxy; static files are."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse

import portal.api_urls
import portal.urls
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client

PRIVATE = "private, no-store"
PAGES = [str(one.pattern) for one in portal.urls.urlpatterns if "<" not in str(one.pattern)]
API = [f"api/{one.pattern}" for one in portal.api_urls.urlpatterns if "<" not in str(one.pattern)]


def test_no_answer_to_a_person_is_kept(bank: Bank) -> None:
    """Each address is asked for by one of two people."""
    clients = [make_client(bank.greta), make_client(bank.ana)]
    paths = [*PAGES, *API, "admin/", "admin/jsi18n/", "nowhere/"]
    answers = {path: clients[number % 2].get(f"/{path}") for number, path in enumerate(paths)}
    kept = {path: answer.get("Cache-Control") for path, answer in answers.items()}
    assert {path: said for path, said in kept.items() if said != PRIVATE} == {}
    assert len(PAGES) > 20
    assert len(API) > 20


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/", "/api/v1/access-requests", "/nowhere/"])
def test_nor_is_an_answer_to_nobody(path: str) -> None:
    """A page to sign in carries a token; and what nobody may see somebody may a minute later."""
    assert Client().get(path)["Cache-Control"] == PRIVATE


def test_fragments_exports_and_refusals_are_alike(bank: Bank) -> None:
    client = make_client(bank.ana)
    answers = [
        client.get("/search/?q=claims", headers={"HX-Request": "true"}),
        client.get(reverse("api-search"), {"format": "csv"}),
        client.get(reverse("api-search"), {"format": "ndjson"}),
        client.post(reverse("api-access-requests"), "{", content_type="application/json"),
        Client(enforce_csrf_checks=True).post(reverse("sign-in"), {"username": "a", "password": "b"}),
    ]
    assert {answer["Cache-Control"] for answer in answers} == {PRIVATE}


@pytest.mark.django_db
def test_static_files_may_be_kept() -> None:
    answer = Client().get("/static/css/base.css")
    answer.close()
    assert "no-store" not in answer.get("Cache-Control", "")


@pytest.mark.django_db
def test_a_redirect_to_https_is_no_page_of_anybody() -> None:
    person = factories.make_person()
    with override_settings(SECURE_SSL_REDIRECT=True):
        answer = make_client(person).get("/")
    assert (answer.status_code, answer.content) == (301, b"")
