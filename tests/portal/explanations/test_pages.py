"""The page and the endpoint that say why a role sees a column, or does not."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from fulfilment.observations.storage import CatalogFacts
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import observe_permission, store_catalog_reading
from tests.html import squeeze
from tests.portal.conftest import make_client


@pytest.fixture
def page(bank: Bank) -> str:
    """Read once; the role holds one column."""
    store_catalog_reading(bank.catalog, CatalogFacts(frozenset()), epoch=812_904_377)
    observe_permission(bank.claims, bank.role.arn, "amount", "claim_id")
    return reverse("access-explanation", args=[bank.claims.pk])


def test_the_chain_names_permission_and_what_is_not_known_without_our_numbers(bank: Bank, page: str) -> None:
    answer = make_client(bank.ines).get(page, {"principal": bank.role.arn, "column": "amount"})
    shown = " ".join(answer.content.decode().split())
    assert "Bi-reporting holds" not in shown
    assert "bi-reporting holds SELECT on insurance_gold.claims (amount, claim_id)" in shown
    assert ("permissions, read <time" in shown, "812904377" in shown) == (True, False)
    assert "Given outside the portal; nobody approved it here." in shown.replace("&#x27;", "'")
    assert f"What is shared with account {bank.bi_account.account_id} was not read" in shown
    assert 'aria-current="true"><span class="mono" dir="auto">amount</span>' in squeeze(shown)


def test_the_grant_behind_a_permission_is_linked(bank: Bank, page: str) -> None:
    grant = approve(bank, submit_bank_item(bank))
    answer = make_client(bank.ana).get(page, {"principal": bank.role.arn, "column": "amount"})
    request = reverse("access-request", args=[grant.item.request_id])
    assert f'{request}">Requested by {bank.ana.name}</a>, until' in answer.content.decode()


@pytest.mark.parametrize(("name", "status"), [("ines", 200), ("ana", 200), ("sam", 404)])
def test_who_may_not_ask_finds_nothing(bank: Bank, page: str, name: str, status: int) -> None:
    person = make_client(getattr(bank, name))
    assert person.get(page).status_code == status
    assert person.get(page, {"principal": bank.role.arn}).status_code == status
    other = {"principal": "arn:aws:iam::999999999999:role/else"}
    assert person.get(page, other).status_code == (200 if name == "ines" else 404)


def test_what_is_no_role_or_user_is_said_beside_the_field(bank: Bank, page: str) -> None:
    answer = make_client(bank.ines).get(page, {"principal": "IAM_ALLOWED_PRINCIPALS"})
    assert answer.status_code == 422
    assert "is not the ARN of an IAM role or user" in answer.content.decode()


def test_the_endpoint_tells_the_same(bank: Bank, page: str) -> None:
    where = reverse("api-access-explanation", args=[bank.claims.pk])
    person = make_client(bank.ines)
    found = person.get(where, {"principal": bank.role.arn, "column": "iban"}).json()
    assert (found["verdict"], found["paths"][0]["result"]) == ("does_not_see", "lacks")
    step = found["paths"][0]["steps"][0]
    assert (step["source"], step["reading"], step["permission"]["verb"]) == ("catalog", "812904377", "SELECT")
    assert person.get(where, {"principal": bank.role.arn, "column": "nothing"}).status_code == 404
    assert person.get(where, {"principal": "nobody", "column": "iban"}).status_code == 400
    assert make_client(bank.sam).get(where, {"principal": bank.role.arn, "column": "iban"}).status_code == 404


def test_pages_that_name_a_holder_lead_to_the_question(bank: Bank, page: str) -> None:
    approve(bank, submit_bank_item(bank))
    owner = make_client(bank.ines)
    asked = f"{page}?principal={quote(bank.role.arn)}"
    permissions_page = f"{reverse('permissions')}?catalog={bank.catalog.short_name}"
    for address in (permissions_page, reverse("data-product-access", args=[bank.product.slug])):
        assert asked in owner.get(address).content.decode(), address


@pytest.mark.parametrize(("name", "leads"), [("ines", True), ("ana", True), ("sam", False)])
def test_the_tables_page_leads_there_for_whom_may_ask(bank: Bank, page: str, name: str, leads: bool) -> None:  # noqa: FBT001
    shown = make_client(getattr(bank, name)).get(reverse("table", args=[bank.claims.pk])).content.decode()
    assert (f'href="{page}"' in shown) is leads


def test_the_button_that_explains_says_so(bank: Bank, page: str) -> None:
    shown = make_client(bank.ines).get(page).content.decode()
    assert re.findall(r'<button class="btn primary"[^>]*>([^<]+)<', shown) == ["Explain"]
    assert "Request access" not in shown
