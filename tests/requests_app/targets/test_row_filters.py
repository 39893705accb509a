"""A row filter in a request: stored as its canonical text, refused at the character where it goes wrong."""

import dataclasses
from typing import Any

import pytest

from kernel.errors import RefusedError
from requests_app.targets.checks import check_still_grantable, compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request


def build_items(
    bank: Bank, rule: str, columns: tuple[str, ...] = ("claim_id",), **changes: Any
) -> list[RequestedItem]:
    asked = RequestedItem(bank.claims.pk, columns, whole_table=False, product_id=None, row_filter=rule)
    return [dataclasses.replace(asked, **changes)]


def get_refusal(bank: Bank, items: list[RequestedItem]) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        submit_bank_request(bank, items=items)
    return caught.value.field, caught.value.message


def test_it_is_stored_and_approved_as_its_canonical_text(bank: Bank) -> None:
    item = submit_bank_item(bank, items=build_items(bank, "  AMOUNT='7'  "))
    assert item.row_filter == "amount = '7'"
    cells = item.target.build_access().cells_filter
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
    assert get_refusal(bank, build_items(bank, rule)) == ("row_filter", said)


def test_a_rule_may_look_at_a_partition_key_but_not_show_it_alone(bank: Bank) -> None:
    factories.make_column(bank.claims, "day", 9, key=True)
    assert get_refusal(bank, build_items(bank, "day = '2026'", ("day",)))[0] == "items"
    assert submit_bank_item(bank, items=build_items(bank, "day = '2026'")).row_filter == "day = '2026'"


def test_views_have_no_row_filters(bank: Bank) -> None:
    bank.claims.kind = "VIRTUAL_VIEW"
    bank.claims.save()
    field, said = get_refusal(bank, build_items(bank, "amount = '7'"))
    assert (field, "is a view" in said) == ("row_filter", True)


def test_another_rule_is_another_approval(bank: Bank) -> None:
    first = submit_bank_item(bank, items=build_items(bank, "amount = '7'"))
    other = submit_bank_item(bank, items=build_items(bank, "amount = '8'"), idempotency_key="form-2")
    plain = submit_bank_item(bank, items=build_items(bank, ""), idempotency_key="form-3")
    assert len({compute_effects(item).digest() for item in (first, other, plain)}) == 3


def test_the_same_form_with_another_rule_is_not_lost(bank: Bank) -> None:
    first = submit_bank_request(bank, items=build_items(bank, "amount = '7'"))
    assert submit_bank_request(bank, items=build_items(bank, "amount='7'")) == first
    assert get_refusal(bank, build_items(bank, "amount = '8'"))[0] == "idempotency_key"


def test_what_a_grant_covers_goes_by_rows_too(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank, items=build_items(bank, "amount = '7'")))
    again = {"items": build_items(bank, "amount = '7'"), "idempotency_key": "form-2"}
    with pytest.raises(RefusedError, match="already has access"):
        submit_bank_request(bank, **again)
    assert (
        submit_bank_request(
            bank, items=build_items(bank, "amount = '8'"), idempotency_key="form-3"
        ).items.count()
        == 1
    )
    assert submit_bank_request(bank, items=build_items(bank, ""), idempotency_key="form-4").items.count() == 1


def test_a_rule_whose_column_is_gone_cannot_be_approved(bank: Bank) -> None:
    item = submit_bank_item(bank, items=build_items(bank, "amount = '7'"))
    bank.claims.columns.get(name="amount").delete()
    with pytest.raises(RefusedError, match="no column amount"):
        check_still_grantable(item, item.request.submitted_at)


def test_metadata_only_is_describe_and_takes_no_data(bank: Bank) -> None:
    item = submit_bank_item(bank, items=build_items(bank, "", (), metadata_only=True))
    effects = compute_effects(item)
    assert [line.text for line in effects.adds][1] == "DESCRIBE on insurance_gold.claims for bi-reporting"
    assert effects.not_granted == ("claim_id", "amount", "iban")
    for asked in (
        build_items(bank, "amount = '7'", (), metadata_only=True),
        build_items(bank, "", metadata_only=True),
    ):
        with pytest.raises(RefusedError, match="Remove the columns and the row filter"):
            submit_bank_request(bank, items=asked, idempotency_key="form-2")


def test_whoever_reads_a_table_needs_no_metadata_of_it(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    assert "already has access" in get_metadata_refusal(bank)


def get_metadata_refusal(bank: Bank) -> str:
    with pytest.raises(RefusedError) as caught:
        submit_bank_request(
            bank, items=build_items(bank, "", (), metadata_only=True), idempotency_key="form-9"
        )
    return caught.value.message
