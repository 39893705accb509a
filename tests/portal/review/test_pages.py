"""The review page: the effects of an approval, and decisions on exactly these."""

from django.urls import reverse

from requests_app.access_requests.models import Comment, Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.form_parser import parse_forms


def press(bank: Bank, item: RequestItem, value: str) -> int:
    """A button of the review page, with what the page's own form sends."""
    address, client = reverse("review", args=[item.pk]), make_client(bank.ines)
    forms = parse_forms(client.get(address).content.decode(), address)
    form, button = next((form, one) for form in forms for one in form.buttons if one.value == value)
    fields = {one.name: one.standing for one in form.fields.values() if one.standing and one.kind != "submit"}
    said = fields | {button.name: button.value, "comment": "Why the bank?"}
    return client.post(button.address, said).status_code


def test_each_button_does_what_it_says(bank: Bank) -> None:
    items = [
        submit_bank_item(
            bank,
            idempotency_key=f"item-{number}",
            principal=factories.make_principal(bank.bi_account, f"role-{number}"),
        )
        for number in range(4)
    ]
    values = ["return", "reject", "review", "approve"]
    assert [press(bank, *pair) for pair in zip(items, values, strict=True)] == [302] * 4
    states = [RequestItem.objects.get(pk=item.pk).state for item in items]
    assert states == [ItemState.RETURNED, ItemState.REJECTED, ItemState.SUBMITTED, ItemState.APPROVED]
    assert Comment.objects.get(item=items[2]).text == "Why the bank?"


def test_the_inbox_holds_what_waits_for_this_person(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert reverse("review", args=[item.pk]) in make_client(bank.ines).get("/reviews/").content.decode()
    assert "Your inbox is empty" in make_client(bank.ana).get("/reviews/").content.decode()


def test_the_request_leads_its_deciders_to_the_review(bank: Bank) -> None:
    item = submit_bank_item(bank)
    request, review = reverse("access-request", args=[item.request_id]), reverse("review", args=[item.pk])
    assert review in make_client(bank.ines).get(request).content.decode()
    assert review not in make_client(bank.ana).get(request).content.decode()


def test_the_diff_names_accounts_columns_and_what_is_left_out(bank: Bank) -> None:
    answer = make_client(bank.ines).get(reverse("review", args=[submit_bank_item(bank).pk]))
    owner, consumer = answer.context["accounts"]
    assert owner.account_id == bank.catalog.account.account_id
    assert consumer.account_id == bank.bi_account.account_id
    assert any(("amount", "public") in line.columns for line in owner.lines)
    assert answer.context["review"].effects.not_granted == ("iban",)


def test_approving_makes_the_grant(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    shown = ines.get(address).context["review"].effects_hash
    answer = ines.post(address, {"answer": "approve", "effects_hash": shown, "comment": "Fine."})
    assert answer["Location"] == reverse("reviews")
    assert Grant.objects.get().effects_hash == compute_effects(item).digest()


def test_effects_that_changed_are_shown_and_asked_again(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    before = ines.get(address)
    factories.make_column(bank.claims, "month", 9, key=True)
    said = {
        "answer": "approve",
        "effects_hash": before.context["review"].effects_hash,
        "comment": "Looks fine to me",
        "seen": before.context["effect_lines"],
    }
    answer = ines.post(address, said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This changed after you opened it. Nothing was approved." in page
    assert "partition key month is visible too" in " ".join(
        line.text for line in answer.context["effect_changes"]
    )
    assert "Looks fine to me" in page
    assert Grant.objects.count() == 0


def test_a_rejection_needs_a_reason(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    said = {"answer": "reject", "effects_hash": "0", "comment": " "}
    assert "Give a reason" in ines.post(address, said).content.decode()
    assert Decision.objects.count() == 0
    ines.post(address, said | {"comment": "Use the aggregate."})
    item.refresh_from_db()
    assert item.state == ItemState.REJECTED


def test_the_second_of_two_deciders_is_told(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    said = {"answer": "reject", "effects_hash": "0", "comment": "Too late"}
    answer = make_client(bank.ivo).post(reverse("review", args=[item.pk]), said)
    assert answer.status_code == 422
    assert "Someone else decided on this in the meantime." in answer.content.decode()


def test_who_asked_sees_the_review_without_buttons(bank: Bank) -> None:
    item, ana = submit_bank_item(bank), make_client(bank.ana)
    address = reverse("review", args=[item.pk])
    page = ana.get(address)
    assert "You requested this yourself." in page.content.decode()
    assert 'value="approve"' not in page.content.decode()
    shown = page.context["review"].effects_hash
    assert ana.post(address, {"answer": "approve", "effects_hash": shown}).status_code == 422
    assert Grant.objects.count() == 0


def test_the_button_counts_the_columns_that_the_risk_counts(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(is_partition_key=True)
    item = submit_bank_item(bank, items=[RequestedItem(bank.claims.pk, ("claim_id", "iban"), False, None)])
    page = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert "1 of 3 columns is sensitive." in page
    assert "Approve all 2 columns and 1 partition key" in page
