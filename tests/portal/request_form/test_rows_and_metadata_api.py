"""Row rules, metadata and widenings over HTTP."""

from django.test import Client

from requests_app.access_requests.models import Item
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, asked_item
from tests.portal.request_form.test_api import form, post
from tests.portal.review.test_api import post as say
from tests.portal.review.test_api import shown_hash, signed_in
from tests.requests_app.targets.test_row_rules import one

RULE = "amount = '7'"


def items(bank: Bank, **fields: object) -> list[dict[str, object]]:
    return [{"table": bank.claims.pk, **fields}]


def test_a_rule_comes_back_in_its_canonical_text(client: Client, bank: Bank) -> None:
    client.force_login(bank.ana)
    asked = post(client, form(bank, items=items(bank, columns=["claim_id"], row_rule="amount='7'")))
    assert (asked.status_code, asked.json()["items"][0]["row_rule"]) == (201, RULE)
    refused = post(
        client,
        form(bank, submission_key="2", items=items(bank, columns=["iban"], row_rule="amount = ")),
    )
    assert (refused.status_code, refused.json()["field"]) == (400, "row_rule")
    assert refused.json()["message"].endswith("at character 10.")


def test_metadata_only_needs_no_columns(client: Client, bank: Bank) -> None:
    client.force_login(bank.ana)
    asked = post(client, form(bank, items=items(bank, metadata_only=True)))
    assert asked.json()["items"][0]["metadata_only"] is True
    grant = approve(bank, Item.objects.get())
    assert client.get(f"/api/grants/{grant.pk}/").json()["metadata_only"] is True


def test_a_widening_needs_its_key(bank: Bank) -> None:
    approve(bank, asked_item(bank))
    item = asked_item(bank, items=one(bank, RULE, ("claim_id", "iban")), submission_key="form-2")
    (widening,) = signed_in(bank.ines).get(f"/api/items/{item.pk}/review").json()["effects"]["widenings"]
    assert (widening["columns"], widening["rows"]) == ({"include": ["amount", "claim_id"]}, "")
    address, shown = f"items/{item.pk}/approve", shown_hash(bank, item)
    refused = say(bank.ines, address, effects_hash=shown)
    assert (refused.status_code, refused.json()["field"]) == (400, "widenings")
    agreed = say(bank.ines, address, effects_hash=shown, widenings=[widening["key"]])
    assert (agreed.status_code, agreed.json()["row_rule"]) == (200, RULE)
    told = signed_in(bank.ines).get(f"/api/items/{item.pk}/review").json()["item"]["decisions"]
    assert told[0]["widenings"] == [widening]
    assert Grant.objects.filter(item=item).count() == 1
