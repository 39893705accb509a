"""A row rule in an ask: stored as its canonical text, refused at the character where it goes wrong."""

import dataclasses
from typing import Any

import pytest

from identity.errors import RefusedError
from requests_app.targets.access import build_access, compute_effects
from requests_app.targets.checks import check_still_grantable
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, ask, asked_item


def one(
    bank: Bank, rule: str, columns: tuple[str, ...] = ("claim_id",), **changes: Any
) -> list[RequestedItem]:
    asked = RequestedItem(bank.claims.pk, columns, whole_table=False, product_id=None, row_rule=rule)
    return [dataclasses.replace(asked, **changes)]


def refusal(bank: Bank, items: list[RequestedItem]) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        ask(bank, items=items)
    return caught.value.field, caught.value.message


def test_it_is_stored_and_approved_as_its_canonical_text(bank: Bank) -> None:
    item = asked_item(bank, items=one(bank, "  AMOUNT='7'  "))
    assert item.row_rule == "amount = '7'"
    cells = build_access(item).cells_filter
    assert cells is not None
    effects = compute_effects(item)
    assert effects.to_json()["filter"] == cells.to_json()
    assert "1 column, in the rows where amount = '7'" in effects.adds[1].text


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("country = 'DE'", "There is no column country, at character 1."),
        ("amount = 7", "7 is here, but a text in 'quotes' is expected, at character 10."),
        ("amount = '7' OR", "The end is here, but a column is expected, at character 16."),
        ("amount = '7'; DROP TABLE claims", "; DROP TABLE cannot be read, at character 13."),
    ],
)
def test_what_is_no_rule_is_refused_at_its_place(bank: Bank, rule: str, said: str) -> None:
    assert refusal(bank, one(bank, rule)) == ("row_rule", said)


def test_a_rule_may_look_at_a_partition_key_but_not_show_it_alone(bank: Bank) -> None:
    factories.make_column(bank.claims, "day", 9, key=True)
    assert refusal(bank, one(bank, "day = '2026'", ("day",)))[0] == "items"
    assert asked_item(bank, items=one(bank, "day = '2026'")).row_rule == "day = '2026'"


def test_views_have_no_row_rules(bank: Bank) -> None:
    bank.claims.kind = "VIRTUAL_VIEW"
    bank.claims.save()
    field, said = refusal(bank, one(bank, "amount = '7'"))
    assert (field, "is a view" in said) == ("row_rule", True)


def test_another_rule_is_another_approval(bank: Bank) -> None:
    first = asked_item(bank, items=one(bank, "amount = '7'"))
    other = asked_item(bank, items=one(bank, "amount = '8'"), submission_key="form-2")
    plain = asked_item(bank, items=one(bank, ""), submission_key="form-3")
    assert len({compute_effects(item).digest() for item in (first, other, plain)}) == 3


def test_the_same_form_with_another_rule_is_not_lost(bank: Bank) -> None:
    first = ask(bank, items=one(bank, "amount = '7'"))
    assert ask(bank, items=one(bank, "amount='7'")) == first
    assert refusal(bank, one(bank, "amount = '8'"))[0] == "submission_key"


def test_what_a_grant_covers_goes_by_rows_too(bank: Bank) -> None:
    approve(bank, asked_item(bank, items=one(bank, "amount = '7'")))
    again = {"items": one(bank, "amount = '7'"), "submission_key": "form-2"}
    with pytest.raises(RefusedError, match="already has access"):
        ask(bank, **again)
    assert ask(bank, items=one(bank, "amount = '8'"), submission_key="form-3").items.count() == 1
    assert ask(bank, items=one(bank, ""), submission_key="form-4").items.count() == 1


def test_a_rule_whose_column_is_gone_cannot_be_approved(bank: Bank) -> None:
    item = asked_item(bank, items=one(bank, "amount = '7'"))
    bank.claims.columns.get(name="amount").delete()
    with pytest.raises(RefusedError, match="no column amount"):
        check_still_grantable(item, item.request.submitted_at)


def test_metadata_only_is_describe_and_takes_no_data(bank: Bank) -> None:
    item = asked_item(bank, items=one(bank, "", (), metadata_only=True))
    effects = compute_effects(item)
    assert [line.text for line in effects.adds][1] == "DESCRIBE on insurance_gold.claims for bi-reporting"
    assert effects.not_granted == ("claim_id", "amount", "iban")
    for asked in (one(bank, "amount = '7'", (), metadata_only=True), one(bank, "", metadata_only=True)):
        with pytest.raises(RefusedError, match="Remove the columns and the row filter"):
            ask(bank, items=asked, submission_key="form-2")


def test_whoever_reads_a_table_needs_no_metadata_of_it(bank: Bank) -> None:
    approve(bank, asked_item(bank))
    assert "already has access" in refusal_of_metadata(bank)


def refusal_of_metadata(bank: Bank) -> str:
    with pytest.raises(RefusedError) as caught:
        ask(bank, items=one(bank, "", (), metadata_only=True), submission_key="form-9")
    return caught.value.message
