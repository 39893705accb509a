"""Requests that wait for a product when it is retired are closed, and their people are told."""

import pytest

from audit.models import Event
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.notifications.models import Notification
from requests_app.product_retirement.actions import close_retired_item, retire_product
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.product_lifecycle import deprecate, reload_product, schedule
from tests.requests_app.notifications.projection import project_all_events


@pytest.fixture
def waiting(bank: Bank) -> RequestItem:
    return submit_bank_item(bank)


def test_a_waiting_request_is_closed_before_the_product_is_retired(bank: Bank, waiting: RequestItem) -> None:
    elsewhere = factories.make_product(bank.domain, bank.ines, [bank.claims], "Claims 2")
    other = submit_bank_item(
        bank, items=[RequestedItem(bank.claims.pk, ("claim_id",), False, elsewhere.pk)], idempotency_key="other",
        principal=factories.make_principal(bank.bi_account, "other"),
    )  # fmt: skip
    deprecate(bank)
    retirement = schedule(bank)
    with pytest.raises(RefusedError, match="still wait"):
        retire_product(retirement_id=retirement.pk, now=clock.now())
    assert carry_out_retirements(clock.now()) == 2
    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, other.state) == (ItemState.WITHDRAWN, ItemState.SUBMITTED)
    assert reload_product(bank).retired_at is not None
    assert Event.objects.get(verb="close_retired_item").data == {"closed_by_retirement": retirement.pk}
    project_all_events()
    told = Notification.objects.filter(event__verb="close_retired_item")
    assert bank.ana in {one.person for one in told}
    assert carry_out_retirements(clock.now()) == 0


def test_nothing_is_closed_before_its_time_or_for_another_product(bank: Bank, waiting: RequestItem) -> None:
    deprecate(bank)
    later = schedule(bank, factories.days_from_now(10))
    with pytest.raises(ForbiddenError):
        close_retired_item(retirement_id=later.pk, item_id=waiting.pk, now=clock.now())
    with pytest.raises(NotFoundError):
        close_retired_item(retirement_id=0, item_id=waiting.pk, now=clock.now())
    waiting.refresh_from_db()
    assert waiting.state == ItemState.SUBMITTED


def test_one_that_was_decided_meanwhile_is_left(bank: Bank, waiting: RequestItem) -> None:
    deprecate(bank)
    retirement = schedule(bank)
    close_retired_item(retirement_id=retirement.pk, item_id=waiting.pk, now=clock.now())
    with pytest.raises(IllegalTransitionError):
        close_retired_item(retirement_id=retirement.pk, item_id=waiting.pk, now=clock.now())
