"""Drift findings on the page of a catalog's permissions."""

from django.urls import reverse

from lakeformation.drift import DifferenceKind
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.permissions.test_pages import add_finding, get_ledger_address


def test_a_finding_shows_what_it_means_and_is_marked_as_known(bank: Bank) -> None:
    found, ines = add_finding(bank), make_client(bank.ines)
    assert "was removed in AWS" in ines.get(get_ledger_address(bank)).content.decode()
    address = reverse("drift-finding-acknowledge", args=[found.pk])
    assert ines.post(address, {"reason": "Planned work of today."})["Location"] == get_ledger_address(bank)
    found.refresh_from_db()
    assert (found.known_by, found.known_reason) == (bank.ines, "Planned work of today.")


def test_every_kind_has_its_words_on_the_page(bank: Bank) -> None:
    for number, kind in enumerate(DifferenceKind):
        add_finding(bank, kind, key=str(number))
    pages = [make_client(bank.greta).get(f"{get_ledger_address(bank)}&findings={page}") for page in (1, 2)]
    words = {found.texts.name for page in pages for found in page.context["findings"]}
    assert len(words) == len(DifferenceKind)


def test_looking_at_once_needs_a_post(bank: Bank) -> None:
    address = reverse("drift-finding-repair", args=[add_finding(bank).pk])
    assert make_client(bank.ines).get(address).status_code == 405
    assert make_client(bank.sam).post(address).status_code == 404
    assert make_client(bank.ines).post(address)["Location"] == get_ledger_address(bank)
