"""Every path to a request of a deprecated product is closed, but by exception."""

from datetime import timedelta

import pytest

from catalog.product_lifecycle.actions import allow_requests, withdraw_deprecation
from catalog.product_lifecycle.models import compute_lifecycle_digest
from catalog.products.models import DataProduct
from kernel import clock
from kernel.errors import RefusedError
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket
from requests_app.submission.preview import RequestDraft, preview_items
from requests_app.targets.databases import FutureAccess
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.product_lifecycle import deprecate, make_successor, reload_product, schedule
from tests.requests_app.database_request import submit_for_bank_database
from tests.requests_app.lf_tags_request import assign_tags, submit_by_lf_tags

WHOLE, PART = "no product named", "product named"


def ask(bank: Bank, how: str = PART) -> RequestedItem:
    product = bank.product.pk if how == PART else None
    return RequestedItem(bank.claims.pk, ("claim_id",), False, product)


@pytest.fixture
def successor(bank: Bank) -> DataProduct:
    return make_successor(bank)


def allow_team(bank: Bank) -> None:
    allow_requests(
        acting_user=bank.ines, slug=bank.product.slug, person=None, team=bank.bi.pk,
        until=clock.now() + timedelta(days=5), reason="The year's end.", now=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("how", [PART, WHOLE])
def test_a_request_is_refused_and_names_the_successor(bank: Bank, successor: DataProduct, how: str) -> None:
    deprecate(bank, successor=successor.slug)
    with pytest.raises(RefusedError, match=r"takes no new requests: .* Request Claims 2 instead"):
        submit_bank_item(bank, items=[ask(bank, how)])
    allow_team(bank)
    assert submit_bank_item(bank, items=[ask(bank, how)]).state == "submitted"


def test_a_table_that_another_product_publishes_can_be_requested_there(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "Claims 2")
    deprecate(bank)
    with pytest.raises(RefusedError):
        submit_bank_item(bank)
    assert submit_bank_item(bank, items=[RequestedItem(bank.claims.pk, ("claim_id",), False, other.pk)])


def test_the_basket_takes_none_and_sends_none(bank: Bank) -> None:
    def add() -> None:
        add_to_basket(person=bank.ana, team=bank.bi, requested_items=[ask(bank)], now=clock.now())

    add()
    deprecate(bank)
    with pytest.raises(RefusedError, match="deprecated"):
        add()
    with pytest.raises(RefusedError, match="deprecated"):
        submit_basket(
            acting_user=bank.ana,
            details=Recipient(bank.role).build_details({"purpose": "Quarterly report"}, factories.days_from_now(30)),
            basket_version=get_basket(bank.ana, bank.bi).version,
            now=clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize("later", list(FutureAccess))
def test_a_whole_database_is_refused_while_it_has_such_a_table(bank: Bank, later: FutureAccess) -> None:
    deprecate(bank)
    with pytest.raises(RefusedError, match="deprecated"):
        submit_for_bank_database(bank, later)
    allow_team(bank)
    assert submit_for_bank_database(bank, later)


def test_the_preview_says_so(bank: Bank) -> None:
    deprecate(bank)
    draft = RequestDraft(
        bank.ana, Recipient(bank.role).build_details({}, factories.days_from_now(9)), clock.now()
    )
    found = preview_items(draft, [ask(bank)])[bank.claims.pk]
    assert found.is_refused
    assert "deprecated" in found.text


def test_extending_a_grant_is_a_new_request(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    deprecate(bank)
    with pytest.raises(RefusedError, match="deprecated"):
        submit_bank_item(bank, idempotency_key="form-2", ends_at=factories.days_from_now(90))


def test_what_was_requested_before_is_still_decided(bank: Bank) -> None:
    item = submit_bank_item(bank)
    deprecate(bank)
    assert approve(bank, item).state == "live"


def test_nothing_is_approved_beyond_a_scheduled_retirement(bank: Bank) -> None:
    item = submit_bank_item(bank)
    deprecate(bank)
    schedule(bank, factories.days_from_now(10))
    with pytest.raises(RefusedError, match="will be retired on") as caught:
        approve(bank, item)
    assert caught.value.field == "ends_at"
    allow_team(bank)
    with pytest.raises(RefusedError, match="will be retired on"):
        submit_bank_item(bank, idempotency_key="form-2")
    short = submit_bank_item(bank, idempotency_key="form-3", ends_at=factories.days_from_now(9))
    assert approve(bank, short).state == "live"


def test_lf_tags_are_refused_while_they_reach_such_a_table(bank: Bank) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    deprecate(bank)
    with pytest.raises(RefusedError, match="deprecated"):
        submit_by_lf_tags(bank)
    allow_team(bank)
    assert submit_by_lf_tags(bank).state == "submitted"


def test_an_exception_ends_with_its_day_and_with_its_deprecation(bank: Bank) -> None:
    deprecate(bank)
    allow_team(bank)
    late = clock.now() + timedelta(days=6)
    with pytest.raises(RefusedError, match="deprecated"):
        submit_bank_item(bank, items=[ask(bank)], now=late, ends_at=late + timedelta(days=9))
    shown = compute_lifecycle_digest(reload_product(bank))
    withdraw_deprecation(acting_user=bank.ines, slug=bank.product.slug, shown=shown, now=clock.now())
    deprecate(bank)
    with pytest.raises(RefusedError, match="deprecated"):
        submit_bank_item(bank, items=[ask(bank)])
