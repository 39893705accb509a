"""Each form previews what becomes of a request: who must approve, that they did, why it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel import clock
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.submission.basket import add_to_basket
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.offers import build_offer_item
from tests.offers import publish_draft as offer_in_force
from tests.portal.basket.test_pages import build_basket_form, get_basket_address
from tests.portal.conftest import make_client
from tests.portal.request_form.test_lf_tag_pages import ADDRESS
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.lf_tags_request import assign_tags
from tests.requests_app.policy_setup import (
    AUTOMATIC_RULE,
    make_approval_rule,
    publish_rules,
    register_location,
)

PRIVACY = make_approval_rule({"role": "privacy", "quorum": 1, "step": 1}, name="all-of-it")
A_WEEK = {"name": "a-week", "when": {}, "then": {"most_days": 7}}


def build_item(table: int, **changes: Any) -> RequestedItem:
    return RequestedItem(table, ("claim_id",), whole_table=False, product_id=None, **changes)


def collect_in_basket(bank: Bank, *asks: RequestedItem) -> None:
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=clock.now())


def read_basket_page(bank: Bank) -> str:
    return make_client(bank.ana).get(get_basket_address(bank)).content.decode()


def test_the_basket_says_whose_yes_a_table_needs(bank: Bank) -> None:
    collect_in_basket(bank, build_item(bank.claims.pk))
    assert "Needs" not in read_basket_page(bank)
    publish_rules(bank, PRIVACY)
    page = read_basket_page(bank)
    assert ">Insurance</a> decides. Needs" in page
    assert "privacy officer" in page
    assert not AccessRequest.objects.exists()


def test_the_basket_says_that_nobody_has_to_decide(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    collect_in_basket(bank, build_item(bank.claims.pk))
    page = read_basket_page(bank)
    assert "Approved automatically, by a policy of the data owner." in page
    assert "Who decides:" not in page


def test_the_basket_says_why_a_table_would_be_refused(bank: Bank) -> None:
    publish_rules(bank, A_WEEK)
    collect_in_basket(bank, build_item(bank.claims.pk))
    assert "A rule limits access to 7 days." in read_basket_page(bank)


def test_a_fuller_basket_asks_the_database_no_more(bank: Bank) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            read_basket_page(bank)
        return len(caught)

    tables = [factories.make_table(bank.claims.database, f"table_{n}") for n in range(8)]
    collect_in_basket(bank, *(build_item(table.pk) for table in tables[:2]))
    few = queries()
    collect_in_basket(bank, *(build_item(table.pk) for table in tables[2:]))
    assert queries() <= few


def test_an_offer_by_the_hour_ends_sooner_than_the_rest_of_the_basket(bank: Bank) -> None:
    version = offer_in_force(bank, longest_hours=8, terms="")
    other = factories.make_table(bank.claims.database, "policies")
    collect_in_basket(bank, build_offer_item(bank, version), build_item(other.pk))
    assert "ends earlier than the rest" in read_basket_page(bank)
    make_client(bank.ana).post(get_basket_address(bank), build_basket_form(bank))
    asked = AccessRequest.objects.get()
    ends = dict(RequestItem.objects.values_list("table", "ends_at"))
    assert ends == {
        bank.claims.pk: asked.submitted_at + timedelta(hours=8), other.pk: asked.ends_at
    }  # fmt: skip


def test_the_form_points_out_a_grant_that_gives_it_already(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    ahead = f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    soon = build_request_form(bank, ends_on=f"{factories.days_from_now(9):%Y-%m-%d}")
    ana = make_client(bank.ana)
    assert (
        "bi-reporting already has access to insurance_gold.claims" in ana.post(ahead, soon).content.decode()
    )
    later = build_request_form(bank, ends_on=f"{factories.days_from_now(90):%Y-%m-%d}")
    assert "already has access" not in ana.post(ahead, later).content.decode()


def test_the_form_by_tags_says_it_too_and_again_when_a_field_changes(bank: Bank) -> None:
    publish_rules(bank, PRIVACY)
    assign_tags(bank.claims, {"tier": "gold"}, iban={"tier": "raw"})
    ana = make_client(bank.ana)
    assert "privacy officer" in ana.get(ADDRESS).content.decode()
    said = {"principal": bank.role.pk, "purpose": "", "ends_on": f"{factories.days_from_now(9):%Y-%m-%d}"}
    fragment = ana.post(ADDRESS, said | {"do": "ahead"}).content.decode()
    assert ("privacy officer" in fragment, "<html" in fragment) == (True, False)
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize("later", ["nothing", "columns", "tables"])
def test_the_form_of_a_database_says_it_too(bank: Bank, later: str) -> None:
    publish_rules(bank, PRIVACY)
    address = f"{reverse('access-request-new')}?database={bank.claims.database_id}"
    said = {"principal": bank.role.pk, "ends_on": f"{factories.days_from_now(9):%Y-%m-%d}", "later": later}
    fragment = make_client(bank.ana).post(address, said | {"do": "ahead"}).content.decode()
    assert ("privacy officer" in fragment, "<html" in fragment) == (True, False)
    assert not AccessRequest.objects.exists()
