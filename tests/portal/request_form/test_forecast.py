"""Before it is sent, each form says what becomes of an ask: whose yes it needs, that it was given, why it is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.submission.basket import add_to_basket
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.offering import in_force as offer_in_force
from tests.offering import under
from tests.portal.basket.test_pages import page_of, words
from tests.portal.conftest import signed_in
from tests.portal.request_form.test_lf_tag_pages import ADDRESS
from tests.portal.request_form.test_pages import typed
from tests.requests_app.lf_tags_request import carry
from tests.requests_app.policy_setup import AT_ONCE, in_force, needing, register

PRIVACY = needing({"role": "privacy", "quorum": 1, "step": 1}, name="all-of-it")
A_WEEK = {"name": "a-week", "when": {}, "then": {"most_days": 7}}


def some_of(table: int, **changes: Any) -> RequestedItem:
    return RequestedItem(table, ("claim_id",), whole_table=False, product_id=None, **changes)


def collect(bank: Bank, *asks: RequestedItem) -> None:
    add_to_basket(person=bank.ana, team=bank.bi, asks=asks, now=clock.now())


def basket(bank: Bank) -> str:
    return signed_in(bank.ana).get(page_of(bank)).content.decode()


def test_the_basket_says_whose_yes_a_table_needs(bank: Bank) -> None:
    collect(bank, some_of(bank.claims.pk))
    assert "Needs" not in basket(bank)
    in_force(bank, PRIVACY)
    page = basket(bank)
    assert "A data owner of Insurance decides. Needs" in page
    assert "privacy officer" in page
    assert not AccessRequest.objects.exists()


def test_the_basket_says_that_nobody_has_to_decide(bank: Bank) -> None:
    register(bank)
    in_force(bank, AT_ONCE)
    collect(bank, some_of(bank.claims.pk))
    page = basket(bank)
    assert "Approved automatically, by a policy of the data owner." in page
    assert "Who decides:" not in page


def test_the_basket_says_why_a_table_would_be_refused(bank: Bank) -> None:
    in_force(bank, A_WEEK)
    collect(bank, some_of(bank.claims.pk))
    assert "A rule limits access to 7 days." in basket(bank)


def test_a_fuller_basket_asks_the_database_no_more(bank: Bank) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            basket(bank)
        return len(caught)

    tables = [factories.make_table(bank.claims.database, f"table_{n}") for n in range(8)]
    collect(bank, *(some_of(table.pk) for table in tables[:2]))
    few = queries()
    collect(bank, *(some_of(table.pk) for table in tables[2:]))
    assert queries() <= few


def test_an_offer_by_the_hour_ends_sooner_than_the_rest_of_the_basket(bank: Bank) -> None:
    version = offer_in_force(bank, longest_hours=8, terms="")
    other = factories.make_table(bank.claims.database, "policies")
    collect(bank, under(bank, version), some_of(other.pk))
    assert "ends earlier than the rest" in basket(bank)
    signed_in(bank.ana).post(page_of(bank), words(bank))
    asked = AccessRequest.objects.get()
    ends = dict(Item.objects.values_list("table", "ends_at"))
    assert ends == {
        bank.claims.pk: asked.submitted_at + timedelta(hours=8), other.pk: asked.ends_at
    }  # fmt: skip


def test_the_form_points_out_a_grant_that_gives_it_already(bank: Bank) -> None:
    approve(bank, asked_item(bank))
    ahead = f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    soon = typed(bank, ends_on=f"{factories.days_from_now(9):%Y-%m-%d}")
    ana = signed_in(bank.ana)
    assert (
        "bi-reporting already has access to insurance_gold.claims" in ana.post(ahead, soon).content.decode()
    )
    later = typed(bank, ends_on=f"{factories.days_from_now(90):%Y-%m-%d}")
    assert "already has access" not in ana.post(ahead, later).content.decode()


def test_the_form_by_tags_says_it_too_and_again_when_a_field_changes(bank: Bank) -> None:
    in_force(bank, PRIVACY)
    carry(bank.claims, {"tier": "gold"}, iban={"tier": "raw"})
    ana = signed_in(bank.ana)
    assert "privacy officer" in ana.get(ADDRESS).content.decode()
    said = {"principal": bank.role.pk, "purpose": "", "ends_on": f"{factories.days_from_now(9):%Y-%m-%d}"}
    fragment = ana.post(ADDRESS, said | {"do": "ahead"}).content.decode()
    assert ("privacy officer" in fragment, "<html" in fragment) == (True, False)
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize("later", ["nothing", "columns", "tables"])
def test_the_form_of_a_database_says_it_too(bank: Bank, later: str) -> None:
    in_force(bank, PRIVACY)
    address = f"{reverse('access-request-new')}?database={bank.claims.database_id}"
    said = {"principal": bank.role.pk, "ends_on": f"{factories.days_from_now(9):%Y-%m-%d}", "later": later}
    fragment = signed_in(bank.ana).post(address, said | {"do": "ahead"}).content.decode()
    assert ("privacy officer" in fragment, "<html" in fragment) == (True, False)
    assert not AccessRequest.objects.exists()
