"""The form that approves, sent as a browser without JavaScript sends it: what is ticked is what is approved."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.mirror.models import Column
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.grants.models import Grant
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.form_parser import Form, parse_forms

EDITS: list[dict[str, Any]] = [
    {"columns": ["amount"]},
    {"row_filter": "claim_id = '1'"},
    {"ends_at": "SOON"},
    {"trial_days": "7"},
    {"hours": "4"},
]


def find_form(html: str, address: str) -> Form:
    """The one form of the page that decides."""
    (form,) = [one for one in parse_forms(html, address) if "effects_hash" in one.fields]
    return form


def build_sent_values(form: Form) -> dict[str, Any]:
    """What a browser sends of it: of a choice that nobody touched, its first entry, which is none."""
    return {
        name: ""
        if field.kind == "select"
        else field.values
        if name in {"columns", "seen"}
        else field.values[0]
        for name, field in form.fields.items()
        if field.kind != "submit"
    }


def press_approve(client: Client, item: RequestItem, **edits: Any) -> Any:
    """Open the review, edit the form, press Approve."""
    address = reverse("review", args=[item.pk])
    shown = build_sent_values(find_form(client.get(address).content.decode(), address))
    return client.post(address, shown | edits | {"answer": "approve"})


def press_again(client: Client, page: Any, item: RequestItem, **edits: Any) -> Any:
    """Press Approve on the page that came back."""
    address = reverse("review", args=[item.pk])
    said = {"comment": "Less is enough.", "answer": "approve"}
    return client.post(address, build_sent_values(find_form(page.content.decode(), address)) | edits | said)


def fill_date(edits: dict[str, Any], item: RequestItem) -> dict[str, Any]:
    day = (item.ends_at - (item.ends_at - item.request.submitted_at) / 2).date().isoformat()
    return {name: day if value == "SOON" else value for name, value in edits.items()}


def test_the_form_as_it_was_shown_approves_at_once(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert press_approve(make_client(bank.ines), item)["Location"] == reverse("reviews")
    assert Grant.objects.get().item.columns == ["claim_id", "amount"]


@pytest.mark.parametrize("edits", EDITS)
def test_an_edit_is_shown_before_anything_is_approved(bank: Bank, edits: dict[str, Any]) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    edits = fill_date(edits, item)
    page = press_approve(ines, item, **edits)
    assert page.status_code == 422
    assert "You changed what you approve. Nothing is approved yet." in page.content.decode()
    assert not Decision.objects.exists()
    chosen = {"trial_days": edits["trial_days"]} if "trial_days" in edits else {}
    assert (
        press_again(ines, page, item, columns=edits.get("columns", item.columns), **chosen).status_code == 302
    )
    grant = Grant.objects.get()
    given = (grant.item.columns, grant.item.row_filter, grant.ends_at)
    assert given != (item.columns, item.row_filter, item.ends_at)


def test_two_of_three_columns_are_approved_and_no_third(bank: Bank) -> None:
    asked = RequestedItem(bank.claims.pk, ("claim_id", "amount", "iban"), whole_table=False, product_id=None)
    item, ines = submit_bank_item(bank, items=[asked]), make_client(bank.ines)
    page = press_approve(ines, item, columns=["claim_id", "amount"])
    assert "Approve 2 of 3 columns" in page.content.decode()
    assert "SELECT" in page.content.decode()
    press_again(ines, page, item, columns=["claim_id", "amount"])
    assert Grant.objects.get().intent.wanted["columns"] == {"include": ["amount", "claim_id"]}


def test_an_edit_of_the_preview_is_previewed_again(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    page = press_approve(ines, item, columns=["amount"])
    again = press_again(ines, page, item, columns=["claim_id"])
    assert again.status_code == 422
    assert "You changed what you approve." in again.content.decode()
    assert not Grant.objects.exists()
    press_again(ines, again, item, columns=["claim_id"])
    assert Grant.objects.get().item.columns == ["claim_id"]


def test_no_column_at_all_can_only_be_previewed(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    page = press_approve(ines, item, columns=[])
    html = page.content.decode()
    assert (page.status_code, "Choose at least one column" in html) == (422, True)
    assert 'name="answer" value="approve"' not in html
    assert press_again(ines, page, item, columns=[]).status_code == 422
    assert not Decision.objects.exists()


def test_what_changed_beside_the_edit_is_told_apart(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    shown = build_sent_values(find_form(ines.get(address).content.decode(), address))
    Column.objects.filter(table=bank.claims, name="amount").update(classification="sensitive")
    page = ines.post(address, shown | {"answer": "approve"})
    assert "This changed after you opened it. Nothing was approved." in page.content.decode()
    assert not Decision.objects.exists()


def test_a_preview_decides_nothing_and_keeps_the_comment(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    said = {"answer": "preview", "columns": ["amount"], "comment": "For the report only."}
    page = ines.post(address, said)
    html = page.content.decode()
    assert (page.status_code, "Approve 1 of 2 columns" in html) == (200, True)
    assert "For the report only." in html
    part = ines.post(f"{address}?kind=columns", said, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'href="{address}?kind=columns">Show everything that was requested' in part
    assert 'hx-swap-oob="innerHTML:#approve"' in part
    assert f'name="effects_hash" value="{page.context["review"].effects_hash}"' in part
    assert not Decision.objects.exists()


def test_enter_in_a_field_presses_a_button_that_decides_nothing(bank: Bank) -> None:
    item = submit_bank_item(bank)
    html = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    first = html[html.index('id="decide"') :]
    assert first.index('value="preview"') < first.index('value="approve"')


def test_the_page_has_one_form_for_the_decision(bank: Bank) -> None:
    html = make_client(bank.ines).get(reverse("review", args=[submit_bank_item(bank).pk])).content.decode()
    form = html[html.index('id="decide"') : html.index("</form>", html.index('id="decide"'))]
    for name in ("columns", "row_filter", "ends_at", "trial_days", "hours", "effects_hash", "comment"):
        assert f'name="{name}"' in form
    assert html.count('name="columns"') == form.count('name="columns"') == 2
    assert 'form="decide"' not in html
