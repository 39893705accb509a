"""Forms that once lacked a hidden value, sent with what their page gives them and nothing else."""

import pytest
from django.test import Client

from catalog.glossary.models import TermLink
from requests_app.access_requests.models import Comment
from tests.bank import Bank, submit_bank_item
from tests.portal.form_presses import Press, list_presses
from tests.portal.sample_objects import make_sample_terms


def open_presses(client: Client, page: str) -> list[Press]:
    return [press for _position, press in list_presses(client.get(page).content.decode(), page)]


def make_strict_client(person: object) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)  # type: ignore[arg-type]
    return client


@pytest.mark.parametrize(("button", "kind"), [("return", "return"), ("review", "comment")])
def test_a_review_is_commented_by_its_own_buttons(bank: Bank, button: str, kind: str) -> None:
    client, item = make_strict_client(bank.ines), submit_bank_item(bank)
    (press,) = [one for one in open_presses(client, f"/reviews/{item.pk}/") if one.button.value == button]
    values = press.fill_as_it_stands() | {"comment": ["Which year?"]}
    assert client.post(press.button.address, values).status_code == 302
    assert [(one.kind, one.text) for one in Comment.objects.all()] == [(kind, "Which year?")]


def test_a_link_of_a_term_is_removed_by_its_own_button(bank: Bank) -> None:
    slug = make_sample_terms(bank)["term_link"]["slug"]
    client = make_strict_client(bank.ines)
    presses = open_presses(client, f"/glossary/{slug}/links/")
    (press,) = [one for one in presses if one.name == "glossary-term-unlink"]
    assert client.post(press.button.address, press.fill_as_it_stands()).status_code == 302
    assert not TermLink.objects.exists()
