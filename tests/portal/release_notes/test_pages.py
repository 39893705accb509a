"""Changes of a product: release notes and versions, on pages and over the API."""

import pytest
from django.urls import reverse

from catalog.release_notes import ReleaseNote
from catalog.revisions.actions import publish_product_draft
from identity.people.models import Person
from kernel import clock
from tests.bank import Bank, approve, submit_bank_item
from tests.discussion import hide, write_note
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client
from tests.products import get_state, make_other_table, save_draft
from tests.requests_app.notifications.projection import project_all_events


def get_changes(bank: Bank, person: Person) -> str:
    address = reverse("data-product-changes", args=[bank.product.slug])
    return make_client(person).get(address).content.decode()


def test_an_owner_writes_a_note_and_sees_how_many_were_notified(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    said = {"title": "Amounts are in EUR", "text": "They were in *cents*."}
    address = reverse("release-note-new", args=[bank.product.slug])
    page = make_client(bank.ines).post(address, said, follow=True).content.decode()
    assert "Published. Everyone with access" in page
    assert "<em>cents</em>" in page
    project_all_events()
    assert "1 person was notified." in get_changes(bank, bank.ines)
    assert "notified" not in get_changes(bank, bank.sam)
    note = ReleaseNote.objects.get()
    shown = make_client(bank.sam).get(reverse("release-note", args=[note.pk])).content.decode()
    assert "<em>cents</em>" in shown
    product = make_client(bank.sam).get(reverse("data-product", args=[bank.product.slug])).content.decode()
    assert "Amounts are in EUR" in product


def test_versions_say_what_they_change(bank: Bank) -> None:
    for changes in ({"summary": "Claims of every line."}, {"tables": (make_other_table(bank).pk,)}):
        save_draft(bank, bank.ines, note="Between us.", **changes)
        publish_product_draft(
            acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now(), accepts_breaking=True
        )  # fmt: skip
    page = get_changes(bank, bank.sam)
    assert "Only descriptions changed. No query breaks." in page
    assert ("insurance_gold.claims is removed." in page, "May break queries" in page) == (True, True)
    assert "Between us." not in page


@pytest.mark.parametrize(
    "said", [{"title": ""}, {"title": "x" * 121}, {"title": "Fine", "text": "x" * 10_001}]
)
def test_a_refused_note_keeps_its_text(bank: Bank, said: dict[str, str]) -> None:
    address = reverse("release-note-new", args=[bank.product.slug])
    answer = make_client(bank.ines).post(address, {"text": "Kept.", **said})
    assert answer.status_code == 422
    assert not ReleaseNote.objects.exists()


def test_nobody_else_writes_one(bank: Bank) -> None:
    address = reverse("release-note-new", args=[bank.product.slug])
    assert make_client(bank.ana).get(address).status_code == 404
    assert reverse("release-note-new", args=[bank.product.slug]) not in get_changes(bank, bank.ana)
    assert (
        send(bank.ana, "release-notes", {"data_product": bank.product.slug, "title": "x"}).status_code == 403
    )


def test_a_hidden_product_has_no_changes(bank: Bank) -> None:
    note = write_note(bank, bank.ines)
    hide(bank)
    for name, argument in (("data-product-changes", bank.product.slug), ("release-note", note.pk)):
        assert make_client(bank.ana).get(reverse(name, args=[argument])).status_code == 404
    assert read(bank.ana, "release-notes")["results"] == []


def test_the_api_writes_and_lists(bank: Bank) -> None:
    body = {"data_product": bank.product.slug, "title": "Amounts are in EUR", "text": "Since 1 May."}
    made = send(bank.ines, "release-notes", body)
    assert (made.status_code, made.json()["version"]) == (201, "1.0.0")
    assert read(bank.sam, f"release-notes/{made.json()['id']}")["text"] == "Since 1 May."
    again = send(bank.ines, "release-notes", body)
    assert (again.status_code, place_of(again)) == (422, "#/title")
    assert len(read(bank.sam, "release-notes", data_product=bank.product.slug)["results"]) == 1
