"""Row filters and metadata on the pages: requested in a field, shown as columns × rows, approved singly."""

from django.urls import reverse

from fulfilment.observations.models import ObservedPermission
from kernel import clock
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.targets.test_row_filters import build_items

RULE = "amount = '7'"


def test_a_rule_is_asked_for_and_told_in_plain_words(bank: Bank) -> None:
    ana = make_client(bank.ana)
    sent = ana.post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}",
        build_request_form(bank, row_filter="AMOUNT='7'"),
    )
    assert RequestItem.objects.get().row_filter == RULE
    page = ana.get(sent["Location"]).content.decode()
    assert "only rows where" in page
    assert "in the rows where amount = &#x27;7&#x27;" in page


def test_what_is_wrong_with_a_rule_is_said_at_its_field(bank: Bank) -> None:
    answer = make_client(bank.ana).post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}",
        build_request_form(bank, row_filter="amount = 7"),
    )
    form = answer.context["form"]
    assert (answer.status_code, AccessRequest.objects.count()) == (422, 0)
    assert form.errors == {"row_filter": ["7 is here, but a text in 'quotes' is expected, at character 10."]}
    page = answer.content.decode()
    assert 'id="rule-error"' in page
    assert ">amount = 7</textarea>" in page


def test_the_metadata_alone_can_be_asked_for_whatever_is_ticked(bank: Bank) -> None:
    ana = make_client(bank.ana)
    sent = ana.post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}", build_request_form(bank, extent="metadata")
    )
    item = RequestItem.objects.get()
    assert (item.metadata_only, item.columns) == (True, [])
    assert "names, types and comments; no data" in ana.get(sent["Location"]).content.decode()
    grant = approve(bank, item)
    assert "metadata only" in ana.get(reverse("grants")).content.decode()
    assert grant.intent.wanted["metadata_only"] is True


def test_the_review_shows_columns_and_rows(bank: Bank) -> None:
    item = submit_bank_item(bank, items=build_items(bank, RULE))
    answer = make_client(bank.ines).get(reverse("review", args=[item.pk]))
    (asked,) = answer.context["visible_cells"]
    assert (asked.columns, asked.rows) == ("claim_id", f"the rows where {RULE}")
    page = answer.content.decode()
    assert "CreateDataCellsFilter" in page
    assert 'name="widening"' not in page


def test_a_review_without_rules_has_no_such_table(bank: Bank) -> None:
    answer = make_client(bank.ines).get(reverse("review", args=[submit_bank_item(bank).pk]))
    assert answer.context["visible_cells"] == []


def test_an_overlap_is_agreed_to_on_its_own(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    item = submit_bank_item(
        bank, items=build_items(bank, RULE, ("claim_id", "iban")), idempotency_key="form-2"
    )
    ines, address = make_client(bank.ines), reverse("review", args=[item.pk])
    shown = ines.get(address)
    key = shown.context["visible_cells"][1].key
    page = shown.content.decode()
    assert "bi-reporting sees amount, claim_id in all rows too: approved earlier" in page
    assert f'name="widening" id="w-{key}"' in page
    said = {"answer": "approve", "effects_hash": shown.context["review"].effects_hash, "comment": ""}
    refused = ines.post(address, said)
    assert refused.status_code == 422
    assert "You have to approve this separately." in refused.content.decode()
    assert not Grant.objects.filter(item=item).exists()
    assert ines.post(address, {**said, "widening": key})["Location"] == reverse("reviews")
    assert [one["key"] for one in Decision.objects.get(item=item).widenings] == [key]


def test_the_request_says_when_the_role_still_reads_after_the_end(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="insurance_gold", table="claims",
            verb="SELECT", columns={"include": ["iban"]}, seen_at=clock.now(),
        )  # fmt: skip
    ana, address = make_client(bank.ana), reverse("access-request", args=[grant.item.request_id])
    assert "Still readable" not in ana.get(address).content.decode()
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    page = ana.get(address).content.decode()
    assert "The role itself holds SELECT on iban outside the portal." in page


def test_lists_of_access_name_the_rows(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank, items=build_items(bank, RULE)))
    ana = make_client(bank.ana)
    for address in (reverse("grants"), reverse("grant-revoke", args=[grant.pk])):
        assert "amount = &#x27;7&#x27;" in ana.get(address).content.decode()
