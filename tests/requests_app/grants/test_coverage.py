"""What a grant of a whole database gives is pointed out where one of its tables is asked for."""

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from catalog.search.index.models import Document
from fulfilment.observations.models import RegisteredLocation
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.coverage import describe_waiting_items, describe_waiting_principals
from requests_app.grants.models import Grant
from requests_app.grants.usage import count_uses
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket
from requests_app.submission.basket_summary import build_basket_rows
from requests_app.targets.recipients import Recipient, list_requestable_principals
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import as_role, without_triggers
from tests.portal.api.calls import draft, send, table_item
from tests.portal.conftest import make_client
from tests.requests_app.database_request import submit_for_bank_database

COVERED_TEXT = "bi-reporting already has access to all tables of insurance_gold until"


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def add_table(bank: Bank) -> Table:
    """One that came after the database was asked for."""
    return factories.make_table(bank.claims.database, "policies")


def build_item(table: Table, *columns: str) -> RequestedItem:
    return RequestedItem(table.pk, columns or ("amount",), whole_table=False, product_id=None)


def grant_database(bank: Bank) -> Grant:
    return approve(bank, submit_for_bank_database(bank).items.get())


@pytest.mark.parametrize("which", ["claims", "policies"])
def test_a_table_of_it_is_refused_also_one_that_came_later(bank: Bank, which: str) -> None:
    grant_database(bank)
    add_table(bank)
    table = Table.objects.get(name=which)
    with pytest.raises(RefusedError, match=COVERED_TEXT):
        submit_bank_item(
            bank, idempotency_key="form-2", items=[build_item(table)], ends_at=factories.days_from_now(20)
        )


def test_a_later_end_another_role_and_another_database_are_asked_for(bank: Bank) -> None:
    grant_database(bank)
    longer = submit_bank_item(
        bank, idempotency_key="2", items=[build_item(bank.claims)], ends_at=factories.days_from_now(60)
    )
    other = factories.make_principal(bank.bi_account, "other")
    besides = submit_bank_item(bank, idempotency_key="3", items=[build_item(bank.claims)], principal=other)
    silver = factories.make_table(factories.make_database(bank.catalog, bank.domain, "silver"), "claims")
    elsewhere = submit_bank_item(bank, idempotency_key="4", items=[build_item(silver)])
    assert {longer.state, besides.state, elsewhere.state} == {"submitted"}


def test_a_table_in_hybrid_access_mode_is_asked_for_by_name(bank: Bank) -> None:
    grant_database(bank)
    with as_role("meshmarket_worker"):
        RegisteredLocation.objects.create(
            catalog=bank.catalog, arn="arn:aws:s3:::gold", is_hybrid=True, seen_at=clock.now()
        )
    named = submit_bank_item(
        bank, idempotency_key="2", items=[build_item(bank.claims)], ends_at=factories.days_from_now(20)
    )
    assert named.state == "submitted"


def test_a_basket_says_so_and_leaves_it_out(bank: Bank) -> None:
    grant_database(bank)
    silver = factories.make_table(factories.make_database(bank.catalog, bank.domain, "silver"), "claims")
    now, until = clock.now(), factories.days_from_now(20)
    add_to_basket(
        person=bank.ana,
        team=bank.bi,
        requested_items=[build_item(add_table(bank)), build_item(silver)],
        now=now,
    )
    rows = build_basket_rows(bank.ana, bank.bi, principal=bank.role, ends_at=until)
    assert [row.coverage.startswith(COVERED_TEXT) for row in rows] == [True, False]
    sent = submit_basket(
        acting_user=bank.ana, details=Recipient(bank.role).build_details({"purpose": "Quarterly reserves"}, until),
        basket_version=get_basket(bank.ana, bank.bi).version, now=now,
    )  # fmt: skip
    assert [item.table for item in sent.request.items.all()] == [silver]
    assert sent.left_out[0].startswith(COVERED_TEXT)


def test_that_the_database_waits_for_a_decision_is_said_of_each_table(bank: Bank) -> None:
    submit_for_bank_database(bank)
    policies = add_table(bank)
    told = describe_waiting_items([build_item(policies), build_item(bank.claims)], bank.role)
    assert set(told) == {policies.pk, bank.claims.pk}
    assert "requested all tables of insurance_gold for bi-reporting" in told[policies.pk]
    assert describe_waiting_principals(
        {one.pk for one in list_requestable_principals(bank.ana)}, policies.pk
    ) == [told[policies.pk]]


def test_pages_of_table_and_product_and_the_api_say_what_gives_it(bank: Bank) -> None:
    grant = grant_database(bank)
    ana = make_client(bank.ana)
    for page in (reverse("data-product", args=[bank.product.slug]), reverse("table", args=[bank.claims.pk])):
        shown = ana.get(page).content.decode()
        assert "Your access to all tables of insurance_gold, until" in shown
        assert reverse("access-request", args=[grant.item.request_id]) in shown
        assert "Your access to" not in make_client(bank.ines).get(page).content.decode()
    wish = draft(
        bank, items=[table_item(bank.claims, "amount")], expires_at=factories.days_from_now(9).isoformat()
    )
    (told,) = send(ana, "access-requests/preview", wish).json()["items"]
    assert told["sentence"].startswith(COVERED_TEXT)


def test_a_team_with_a_whole_database_uses_each_of_its_tables(bank: Bank) -> None:
    policies = add_table(bank)
    factories.make_product(bank.domain, bank.ines, [policies], "Policies")

    def teams() -> list[int]:
        count_uses(clock.now())
        return [Document.objects.get(pk=pk).teams for pk in (bank.claims.pk, policies.pk, -bank.product.pk)]

    asked = submit_for_bank_database(bank)
    assert teams() == [1, 1, 1]
    grant = approve(bank, asked.items.get())
    with without_triggers():
        RequestItem.objects.update(state="withdrawn")
    assert teams() == [1, 1, 1]
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    assert teams() == [0, 0, 0]
    with without_triggers():  # the database looks once more at what is granted, when the transaction ends
        RequestItem.objects.update(state="approved")
