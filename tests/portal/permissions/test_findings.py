"""Drift findings on the page of a catalog's permissions."""

from django.urls import reverse

from lakeformation.drift.differences import Kind
from tests.bank import Bank
from tests.portal.conftest import signed_in
from tests.portal.permissions.test_pages import ledger, note


def test_a_finding_shows_what_it_means_and_is_marked_as_known(bank: Bank) -> None:
    found, ines = note(bank), signed_in(bank.ines)
    assert "was removed in AWS" in ines.get(ledger(bank)).content.decode()
    address = reverse("drift-finding-acknowledge", args=[found.pk])
    assert ines.post(address, {"reason": "Planned work of today."})["Location"] == ledger(bank)
    found.refresh_from_db()
    assert (found.known_by, found.known_reason) == (bank.ines, "Planned work of today.")


def test_every_kind_has_its_words_on_the_page(bank: Bank) -> None:
    for number, kind in enumerate(Kind):
        note(bank, kind, key=str(number))
    pages = [signed_in(bank.greta).get(f"{ledger(bank)}&findings={page}") for page in (1, 2)]
    words = {found.words.name for page in pages for found in page.context["findings"]}
    assert len(words) == len(Kind)


def test_looking_at_once_needs_a_post(bank: Bank) -> None:
    address = reverse("drift-finding-repair", args=[note(bank).pk])
    assert signed_in(bank.ines).get(address).status_code == 405
    assert signed_in(bank.sam).post(address).status_code == 404
    assert signed_in(bank.ines).post(address)["Location"] == ledger(bank)
