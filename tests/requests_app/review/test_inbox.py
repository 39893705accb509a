"""What waits: whose, which, in what order, and where a page goes on."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit import clock
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import ItemState
from requests_app.review.comments import return_item
from requests_app.review.inbox.queries import Order, Sought, Waiting, Whose, keys_of, page_at
from requests_app.targets.item_ask import RequestedItem
from tests import factories
from tests.bank import Bank, ask


def page_of(person: Person, sought: Sought, now: datetime, size: int = 50) -> Waiting:
    return page_at(keys_of(person, sought, now, size), size)


def found(person: Person, sought: Sought, size: int = 50) -> list[int]:
    return [item.pk for item in page_of(person, sought, clock.now(), size).items]


@pytest.fixture
def three(bank: Bank) -> list[Item]:
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
        rows.append(ask(bank, principal=role, items=[item], submission_key=str(number)).items.get())
    return rows


def test_the_riskiest_comes_first_then_the_oldest(bank: Bank, three: list[Item]) -> None:
    plain, sensitive, metadata = (item.pk for item in three)
    assert found(bank.ines, Sought()) == [sensitive, plain, metadata]
    assert found(bank.ines, Sought(order=Order.OLDEST)) == [plain, sensitive, metadata]
    assert found(bank.ines, Sought(order=Order.NEWEST)) == [metadata, sensitive, plain]


@pytest.mark.parametrize("order", list(Order))
def test_pages_join_without_gap_or_double_also_when_something_is_decided_between(
    bank: Bank, three: list[Item], order: Order
) -> None:
    whole = found(bank.ines, Sought(order=order))
    first = page_of(bank.ines, Sought(order=order), clock.now(), size=1)
    Item.objects.filter(pk=whole[0]).update(state=ItemState.REJECTED)
    second = page_of(bank.ines, Sought(order=order, after=first.following), clock.now(), size=1)
    third = page_of(bank.ines, Sought(order=order, after=second.following), clock.now(), size=1)
    assert [item.pk for page in (first, second, third) for item in page.items] == whole
    assert third.following is None


def test_mine_are_those_i_may_decide_and_my_teams_those_someone_of_us_may(
    bank: Bank, three: list[Item]
) -> None:
    factories.join(bank.insurance, "developer", [developer := factories.make_person("Dev Ada")])
    return_item(acting_user=bank.ines, item_id=three[0].pk, comment="Why?", key="k", now=clock.now())
    everything = {item.pk for item in three}
    assert set(found(bank.ines, Sought())) == everything - {three[0].pk}
    assert set(found(bank.ines, Sought(whose=Whose.TEAMS))) == everything
    assert found(developer, Sought()) == []
    assert set(found(developer, Sought(whose=Whose.TEAMS))) == everything
    for sees_all in (bank.greta, bank.ana):
        assert set(found(sees_all, Sought(whose=Whose.ALL))) == everything
        assert found(sees_all, Sought(whose=Whose.TEAMS)) == []
    assert found(bank.sam, Sought(whose=Whose.ALL)) == []


def test_filters_narrow_and_join(bank: Bank, three: list[Item]) -> None:
    plain, sensitive, metadata = (item.pk for item in three)
    for sought, expected in [
        (Sought(classification="sensitive"), [sensitive]),
        (Sought(kind="metadata"), [metadata]),
        (Sought(kind="columns"), [sensitive, plain]),
        (Sought(kind="whole"), []),
        (Sought(domain=bank.domain.slug), [sensitive, plain, metadata]),
        (Sought(domain="elsewhere"), []),
        (Sought(product=bank.product.slug, classification="public"), [plain]),
        (Sought(team=bank.bi.slug), [sensitive, plain, metadata]),
        (Sought(team=bank.insurance.slug), []),
        (Sought(days=1), []),
    ]:
        assert found(bank.ines, sought) == expected, sought
    later = clock.now() + timedelta(days=1, seconds=1)
    assert len(page_of(bank.ines, replace(Sought(), days=1), later).items) == 3
