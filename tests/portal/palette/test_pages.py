"""The command palette finds pages, data, people, requests and actions that the person may open."""

import pytest
from django.urls import reverse

from identity.people.models import Person
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client


def read_palette(person: Person, text: str = "", **headers: str) -> str:
    return make_client(person).get(reverse("palette"), {"q": text}, headers=headers).content.decode()


def test_without_a_text_it_lists_pages_and_actions(bank: Bank) -> None:
    page = read_palette(bank.ana)
    assert 'class="palette-entry" href="/glossary/"' in page
    assert 'class="palette-entry" href="/accounts/"' not in page


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("glos", "/glossary/"),
        ("ines", "/people/{bank.ines.pk}/"),
        ("insur", "/teams/{bank.insurance.slug}/"),
        ("claims", "/data-products/{bank.product.slug}/"),
    ],
)
def test_it_finds_by_a_few_letters(bank: Bank, text: str, address: str) -> None:
    assert f'href="{address.format(bank=bank)}"' in read_palette(bank.ana, text)


def test_it_finds_own_requests_by_number_and_purpose_and_nobody_elses(bank: Bank) -> None:
    item = submit_bank_item(bank)
    address = f'href="/access-requests/{item.request_id}/"'
    for text in (f"#{item.request_id}", "reserve report"):
        assert address in read_palette(bank.ana, text)
        assert address not in read_palette(bank.sam, text)


def test_access_that_ends_soon_can_be_extended(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank, ends_at=factories.days_from_now(3)))
    assert f"extends={grant.pk}" in read_palette(bank.ana, "extend")


def test_htmx_gets_the_results_alone(bank: Bank) -> None:
    assert "<html" not in read_palette(bank.ana, "claims", **{"HX-Request": "true"})


@pytest.mark.parametrize("text", ["<script>", "\x00", "9" * 5_000, "%", "'", "zzzzzz"])
def test_any_text_is_answered(bank: Bank, text: str) -> None:
    assert "<script>" not in read_palette(bank.ana, text).replace("<script type", "")


def test_people_who_are_deactivated_are_not_found(bank: Bank) -> None:
    bank.ivo.is_active = False
    bank.ivo.save()
    assert f"/people/{bank.ivo.pk}/" not in read_palette(bank.ana, "Ivo")
