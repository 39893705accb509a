"""Row filters, metadata and widenings over HTTP."""

from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import draft, place_of, read, send, table_item
from tests.requests_app.targets.test_row_filters import build_items

RULE = "amount = '7'"


def test_a_row_filter_comes_back_in_its_canonical_text(bank: Bank) -> None:
    said = draft(bank, items=[table_item(bank.claims, "claim_id", row_filter="amount='7'")])
    asked = send(bank.ana, "access-requests", said)
    assert (asked.status_code, asked.json()["items"][0]["row_filter"]) == (201, RULE)
    wrong = draft(bank, items=[table_item(bank.claims, "iban", row_filter="amount = ")])
    refused = send(bank.ana, "access-requests", wrong)
    assert (refused.status_code, place_of(refused)) == (422, "#/items/0/row_filter")
    assert refused.json()["detail"].endswith("at character 10.")


def test_metadata_only_needs_no_columns(bank: Bank) -> None:
    said = draft(bank, items=[table_item(bank.claims, metadata_only=True)])
    asked = send(bank.ana, "access-requests", said)
    assert asked.json()["items"][0]["metadata_only"] is True
    grant = approve(bank, RequestItem.objects.get())
    assert read(bank.ana, f"grants/{grant.pk}")["metadata_only"] is True


def test_a_widening_needs_its_key(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    item = submit_bank_item(
        bank, items=build_items(bank, RULE, ("claim_id", "iban")), idempotency_key="form-2"
    )
    review = read(bank.ines, f"reviews/{item.pk}")
    (widening,) = review["effects"]["widenings"]
    assert (widening["columns"], widening["row_filter"]) == ({"include": ["amount", "claim_id"]}, None)
    said = {"outcome": "approve", "effects_hash": review["effects_hash"]}
    refused = send(bank.ines, f"reviews/{item.pk}/decisions", said)
    assert (refused.status_code, place_of(refused)) == (422, "#/widenings")
    agreed = send(bank.ines, f"reviews/{item.pk}/decisions", said | {"widenings": [widening["key"]]})
    assert (agreed.status_code, agreed.json()["grant"]["row_filter"]) == (201, RULE)
    assert read(bank.ines, f"reviews/{item.pk}")["decisions"][0]["widenings"] == [widening]
    assert Grant.objects.filter(item=item).count() == 1
