"""What waits: whose, which, in what order, and where a page goes on."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.assignment.actions import assign_item
from requests_app.review.comments import request_changes
from requests_app.review.inbox.counts import get_inbox_counts
from requests_app.review.inbox.queries import (
    InboxOrder,
    InboxPage,
    InboxQuery,
    InboxScope,
    list_page_keys,
    read_inbox_page,
)
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_request
from tests.database import without_triggers


def read_page(person: Person, sought: InboxQuery, now: datetime, size: int = 50) -> InboxPage:
    return read_inbox_page(list_page_keys(person, sought, now, size), size)


def list_found(person: Person, sought: InboxQuery, size: int = 50) -> list[int]:
    return [item.pk for item in read_page(person, sought, clock.now(), size).items]


@pytest.fixture
def three(bank: Bank) -> list[RequestItem]:
    """Public columns, sensitive ones, and the metadata, asked for in this order by roles of their own."""
    asks: list[dict[str, Any]] = [
        {"columns": ("claim_id",)},
        {"columns": ("iban",)},
        {"columns": (), "metadata_only": True},
    ]
    rows = []
    for number, one in enumerate(asks):
        item = RequestedItem(bank.claims.pk, whole_table=False, product_id=bank.product.pk, **one)
        role = factories.make_principal(bank.bi_account, f"role-{number}")
        rows.append(
            submit_bank_request(bank, principal=role, items=[item], idempotency_key=str(number)).items.get()
        )
    return rows


def test_the_riskiest_comes_first_then_the_oldest(bank: Bank, three: list[RequestItem]) -> None:
    plain, sensitive, metadata = (item.pk for item in three)
    assert list_found(bank.ines, InboxQuery(order=InboxOrder.RISK)) == [sensitive, plain, metadata]
    assert list_found(bank.ines, InboxQuery(order=InboxOrder.OLDEST)) == [plain, sensitive, metadata]
    assert list_found(bank.ines, InboxQuery(order=InboxOrder.NEWEST)) == [metadata, sensitive, plain]


@pytest.mark.parametrize("order", list(InboxOrder))
def test_pages_join_without_gap_or_double_also_when_something_is_decided_between(
    bank: Bank, three: list[RequestItem], order: InboxOrder
) -> None:
    whole = list_found(bank.ines, InboxQuery(order=order))
    first = read_page(bank.ines, InboxQuery(order=order), clock.now(), size=1)
    RequestItem.objects.filter(pk=whole[0]).update(state=ItemState.REJECTED)
    second = read_page(bank.ines, InboxQuery(order=order, after=first.next_after), clock.now(), size=1)
    third = read_page(bank.ines, InboxQuery(order=order, after=second.next_after), clock.now(), size=1)
    assert [item.pk for page in (first, second, third) for item in page.items] == whole
    assert third.next_after is None


def test_what_is_due_first_comes_first_and_what_has_no_due_time_last(
    bank: Bank, three: list[RequestItem]
) -> None:
    first, second, third = three
    for item, hours in ((first, 1), (second, 30), (third, 5)):
        with without_triggers():
            RequestItem.objects.filter(pk=item.pk).update(
                state_changed_at=clock.now() - timedelta(hours=hours)
            )
    assert list_found(bank.ines, InboxQuery()) == [second.pk, third.pk, first.pk]
    request_changes(
        acting_user=bank.ines, item_id=second.pk, comment="Why?", idempotency_key="k", now=clock.now()
    )
    assert list_found(bank.ines, InboxQuery(scope=InboxScope.TEAMS)) == [third.pk, first.pk, second.pk]


def test_what_is_assigned_is_found_by_whom_it_is_assigned_to(bank: Bank, three: list[RequestItem]) -> None:
    item = three[1]
    assign_item(acting_user=bank.ines, item_id=item.pk, person_id=bank.ivo.pk, now=clock.now())
    assert list_found(bank.ivo, InboxQuery(assigned="me")) == [item.pk]
    assert list_found(bank.ines, InboxQuery(assigned="me")) == []
    counts = [get_inbox_counts(person, InboxQuery(assigned="me")).total for person in (bank.ivo, bank.ines)]
    assert counts == [1, 0]
    with pytest.raises(RefusedError, match="can't decide"):
        assign_item(acting_user=bank.ines, item_id=item.pk, person_id=bank.ana.pk, now=clock.now())
    with pytest.raises(ForbiddenError):
        assign_item(acting_user=bank.ana, item_id=item.pk, person_id=bank.ivo.pk, now=clock.now())
    assign_item(acting_user=bank.ivo, item_id=item.pk, person_id=None, now=clock.now())
    assert list_found(bank.ivo, InboxQuery(assigned="me")) == []


def test_mine_are_those_i_may_decide_and_my_teams_those_someone_of_us_may(
    bank: Bank, three: list[RequestItem]
) -> None:
    factories.add_members(bank.insurance, "developer", [developer := factories.make_person("Dev Ada")])
    request_changes(
        acting_user=bank.ines, item_id=three[0].pk, comment="Why?", idempotency_key="k", now=clock.now()
    )
    everything = {item.pk for item in three}
    assert set(list_found(bank.ines, InboxQuery())) == everything - {three[0].pk}
    assert set(list_found(bank.ines, InboxQuery(scope=InboxScope.TEAMS))) == everything
    assert list_found(developer, InboxQuery()) == []
    assert set(list_found(developer, InboxQuery(scope=InboxScope.TEAMS))) == everything
    for sees_all in (bank.greta, bank.ana):
        assert set(list_found(sees_all, InboxQuery(scope=InboxScope.ALL))) == everything
        assert list_found(sees_all, InboxQuery(scope=InboxScope.TEAMS)) == []
    assert list_found(bank.sam, InboxQuery(scope=InboxScope.ALL)) == []


def test_filters_narrow_and_join(bank: Bank, three: list[RequestItem]) -> None:
    plain, sensitive, metadata = (item.pk for item in three)
    for sought, expected in [
        (InboxQuery(classification="sensitive"), [sensitive]),
        (InboxQuery(kind="metadata"), [metadata]),
        (InboxQuery(kind="columns"), [sensitive, plain]),
        (InboxQuery(kind="whole"), []),
        (InboxQuery(domain=bank.domain.slug), [sensitive, plain, metadata]),
        (InboxQuery(domain="elsewhere"), []),
        (InboxQuery(product=bank.product.slug, classification="public"), [plain]),
        (InboxQuery(team=bank.bi.slug), [sensitive, plain, metadata]),
        (InboxQuery(team=bank.insurance.slug), []),
        (InboxQuery(min_waiting_days=1), []),
    ]:
        assert list_found(bank.ines, replace(sought, order=InboxOrder.RISK)) == expected, sought
    later = clock.now() + timedelta(days=1, seconds=1)
    assert len(read_page(bank.ines, replace(InboxQuery(), min_waiting_days=1), later).items) == 3
