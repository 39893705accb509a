"""The basket: a draft of one person for one team, sent as one request or not at all."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from catalog.mirror.models import Table
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.errors import ItemsRefusedError
from requests_app.page_counts import get_page_counts
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import (
    SentBasket,
    add_to_basket,
    get_basket,
    list_basket_items,
    remove_from_basket,
)
from requests_app.submission.basket_summary import build_basket_rows
from requests_app.submission.form_checks import MAX_ITEMS
from requests_app.submission.models import BasketItem
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.request_details import pack_details


@pytest.fixture
def cards(bank: Bank) -> Table:
    """A table of another domain, whose owner is not Ines."""
    owners = factories.make_team("Cards", owners=[factories.make_person("Cora Beck")])
    domain = factories.make_domain(owners, "Cards")
    return factories.make_table(factories.make_database(bank.catalog, domain, "cards_gold"), "payments")


def put_in_basket(bank: Bank, *tables: Table, **changes: object) -> None:
    asks = [RequestedItem(table.pk, ("claim_id", "amount"), False, None) for table in tables]
    asks = [dataclasses.replace(one, **changes) for one in asks]  # type: ignore[arg-type]
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=factories.days_from_now(0))


def send_basket(bank: Bank, **changes: object) -> SentBasket:
    said: dict[str, object] = {
        "acting_user": bank.ana,
        "team": bank.bi,
        "principal": bank.role,
        "purpose": "Quarterly reserve report",
        "ends_at": factories.days_from_now(30),
        "basket_version": get_basket(bank.ana, bank.bi).version,
        "now": factories.days_from_now(0),
    }
    return submit_basket(**pack_details(said | changes))


def get_refusal(bank: Bank, **changes: object) -> RefusedError:
    """Nothing was sent, and nothing left the basket."""
    before = (
        AccessRequest.objects.count(),
        RequestItem.objects.count(),
        Event.objects.count(),
        get_page_counts(bank.ana).basket_count,
    )
    with pytest.raises(RefusedError) as caught:
        send_basket(bank, **changes)
    after = (
        AccessRequest.objects.count(),
        RequestItem.objects.count(),
        Event.objects.count(),
        get_page_counts(bank.ana).basket_count,
    )
    assert after == before
    return caught.value


def test_what_was_collected_is_one_request_and_the_basket_is_empty(bank: Bank, cards: Table) -> None:
    put_in_basket(bank, bank.claims)
    put_in_basket(bank, cards, row_filter="AMOUNT='7'")
    request = send_basket(bank).request
    told = [(item.table, item.columns, item.row_filter) for item in request.items.order_by("pk")]
    assert told == [
        (bank.claims, ["claim_id", "amount"], ""),
        (cards, ["claim_id", "amount"], "amount = '7'"),
    ]
    assert [event.data["tables"] for event in Event.objects.all()] == [[bank.claims.pk, cards.pk]]
    assert get_page_counts(bank.ana).basket_count == 0


def test_each_owner_decides_on_their_own_item_alone(bank: Bank, cards: Table) -> None:
    put_in_basket(bank, bank.claims, cards)
    mine, other = send_basket(bank).request.items.order_by("pk")
    with pytest.raises(NotFoundError):
        approve(bank, other)
    with pytest.raises(ForbiddenError, match="requested this yourself"):
        approve(bank, mine, by=bank.ana)
    assert approve(bank, mine).item == mine
    other.refresh_from_db()
    assert other.state == "submitted"


def test_a_table_that_is_in_already_is_replaced(bank: Bank) -> None:
    put_in_basket(bank, bank.claims)
    put_in_basket(bank, bank.claims, columns=("iban", "iban"))
    assert [item.columns for item in list_basket_items(bank.ana, bank.bi)] == [["iban"]]


def test_a_basket_is_of_one_person_and_one_team(bank: Bank) -> None:
    put_in_basket(bank, bank.claims)
    other = factories.make_person("Bo Berg")
    factories.add_members(bank.bi, "member", [other])
    assert list_basket_items(other, bank.bi) == []
    with pytest.raises(RefusedError, match="Choose at least one table"):
        send_basket(bank, acting_user=other, basket_version=0)
    remove_from_basket(person=other, team=bank.bi, tables=[bank.claims.pk])
    with pytest.raises(NotFoundError):
        remove_from_basket(person=bank.sam, team=bank.bi, tables=[bank.claims.pk])
    with pytest.raises(NotFoundError):
        add_to_basket(person=bank.sam, team=bank.bi, requested_items=[], now=factories.days_from_now(0))
    with pytest.raises(ForbiddenError, match="not a member of BI"):
        send_basket(bank, acting_user=bank.sam)
    assert get_page_counts(bank.ana).basket_count == 1


def test_a_column_that_vanished_is_said_at_its_table(bank: Bank, cards: Table) -> None:
    put_in_basket(bank, bank.claims, cards)
    cards.columns.get(name="amount").delete()
    said = "cards_gold.payments has no column amount."
    assert [row.problem for row in build_basket_rows(bank.ana, bank.bi)] == ["", said]
    error = get_refusal(bank)
    assert isinstance(error, ItemsRefusedError)
    assert (error.by_table, error.field) == ({cards.pk: said}, "items.1")


def test_what_only_its_effects_refuse_takes_the_others_with_it(bank: Bank) -> None:
    visits = factories.make_table(
        bank.claims.database,
        "visits",
        ("claim_id", "amount"),
        partition_keys=["patient"],
        sensitive=["patient"],
    )
    put_in_basket(bank, bank.claims, visits)
    error = get_refusal(bank)
    assert isinstance(error, ItemsRefusedError)
    assert list(error.by_table) == [visits.pk]
    assert "Partition key patient is sensitive" in error.message


def test_what_the_role_has_is_pointed_out_left_out_and_stays(bank: Bank, cards: Table) -> None:
    approve(bank, submit_bank_item(bank))
    put_in_basket(bank, bank.claims, cards)
    rows = build_basket_rows(bank.ana, bank.bi, principal=bank.role, ends_at=factories.days_from_now(20))
    assert [bool(row.coverage) for row in rows] == [True, False]
    sent = send_basket(bank, ends_at=factories.days_from_now(20))
    assert [item.table for item in sent.request.items.all()] == [cards]
    assert "bi-reporting already has access to insurance_gold.claims until" in sent.left_out[0]
    assert [item.table for item in list_basket_items(bank.ana, bank.bi)] == [bank.claims]
    assert (
        get_refusal(bank, ends_at=factories.days_from_now(20)).message
        == "bi-reporting already has all this access."
    )


def test_sent_twice_it_is_one_request(bank: Bank) -> None:
    put_in_basket(bank, bank.claims)
    version = get_basket(bank.ana, bank.bi).version
    first, second = send_basket(bank, basket_version=version), send_basket(bank, basket_version=version)
    assert (first.request, first.is_new, second.is_new) == (second.request, True, False)
    assert AccessRequest.objects.count() == 1


def test_what_came_in_by_another_tab_is_not_sent_unseen(bank: Bank, cards: Table) -> None:
    put_in_basket(bank, bank.claims)
    seen = get_basket(bank.ana, bank.bi).version
    put_in_basket(bank, cards)
    assert get_refusal(bank, basket_version=seen).field == "basket"
    assert send_basket(bank).request.items.count() == 2


def test_a_basket_holds_a_hundred_tables(bank: Bank) -> None:
    tables = [factories.make_table(bank.claims.database, f"table_{n}") for n in range(MAX_ITEMS)]
    put_in_basket(bank, *tables)
    with pytest.raises(RefusedError, match="at most 100 tables"):
        put_in_basket(bank, bank.claims)
    assert BasketItem.objects.count() == MAX_ITEMS
    asks = [RequestedItem(table.pk, ("amount",), False, None) for table in [*tables, bank.claims]]
    with pytest.raises(RefusedError, match="at most 100 tables"):
        submit_bank_request(bank, items=asks)


def test_of_a_table_that_is_hidden_by_now_nothing_is_told(bank: Bank) -> None:
    put_in_basket(bank, bank.claims)
    bank.product.is_published = False
    bank.product.save()
    (row,) = build_basket_rows(bank.ana, bank.bi)
    assert (row.is_visible, row.problem) == (False, "This table is not in the catalog.")
    assert get_refusal(bank).message == "This table is not in the catalog."


def test_a_fuller_basket_costs_no_more_queries(bank: Bank) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            build_basket_rows(bank.ana, bank.bi, principal=bank.role, ends_at=factories.days_from_now(20))
        return len(caught)

    put_in_basket(bank, bank.claims)
    few = queries()
    put_in_basket(bank, *(factories.make_table(bank.claims.database, f"table_{n}") for n in range(5)))
    assert queries() == few <= 8


def test_sending_more_tables_costs_no_more_queries(bank: Bank) -> None:
    def queries(*tables: Table) -> int:
        put_in_basket(bank, *tables)
        with CaptureQueriesContext(connection) as caught:
            send_basket(bank)
        return len(caught)

    names = (f"table_{n}" for n in range(6))
    one, *more = (factories.make_table(bank.claims.database, name) for name in names)
    few = queries(one)
    assert queries(*more) == few <= 35
