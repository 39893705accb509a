"""Every verb on an item, in every state, by everyone: what is not listed here is refused and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from audit import clock
from audit.models import Event
from identity.models import Person
from requests_app.access import effects_of
from requests_app.actions import ItemAsk, approve_item, reject_item, withdraw_item
from requests_app.dialogue.actions import change_item, comment_on_item, return_item
from requests_app.errors import ForbiddenError, NotFoundError
from requests_app.models import Item
from requests_app.states import IllegalMoveError, ItemState
from tests.bank import Bank, asked_item

Verb = Callable[[Person, Item], Any]


def approve(person: Person, item: Item) -> Any:
    shown = effects_of(item).digest()
    return approve_item(acting_user=person, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())


def reject(person: Person, item: Item) -> Any:
    return reject_item(acting_user=person, item_id=item.pk, comment="No.", now=clock.now())


def send_back(person: Person, item: Item) -> Any:
    return return_item(acting_user=person, item_id=item.pk, comment="Fewer?", key="r", now=clock.now())


def change(person: Person, item: Item) -> Any:
    ask = ItemAsk(item.table_id, ("claim_id",), whole_table=False, product_id=None)
    return change_item(
        acting_user=person, item_id=item.pk, ask=ask, ends_at=item.ends_at, comment="", now=clock.now()
    )


def withdraw(person: Person, item: Item) -> Any:
    return withdraw_item(acting_user=person, item_id=item.pk, now=clock.now())


def comment(person: Person, item: Item) -> Any:
    return comment_on_item(acting_user=person, item_id=item.pk, comment="Why?", key="c", now=clock.now())


VERBS: tuple[Verb, ...] = (approve, reject, send_back, change, withdraw, comment)
ROLES = ("ana", "ines", "greta", "sam")
DECIDES = {approve: "approved", reject: "rejected", send_back: "returned"}
LEADS: dict[tuple[str, Verb, str], str] = {
    **{("submitted", verb, "ines"): state for verb, state in DECIDES.items()},
    ("submitted", withdraw, "ana"): "withdrawn",
    ("returned", change, "ana"): "submitted",
    ("returned", withdraw, "ana"): "withdrawn",
    **{(state, comment, who): state for state in ItemState.values for who in ("ana", "ines")},
}
MAY = {(verb, who) for _state, verb, who in LEADS}


def in_state(bank: Bank, state: str) -> Item:
    """The state alone: what else a decision writes is no verb's condition."""
    key = f"{state}-{Item.objects.count()}"
    item = asked_item(bank, submission_key=key)
    Item.objects.filter(pk=item.pk).update(state=state)
    item.refresh_from_db()
    return item


def refusal(verb: Verb, who: str) -> type[Exception]:
    """A stranger finds nothing; who may not is told so; who may is too late, or too early."""
    if who == "sam":
        return NotFoundError
    return IllegalMoveError if (verb, who) in MAY else ForbiddenError


@pytest.mark.parametrize("state", ItemState.values)
def test_what_is_not_listed_is_refused_and_changes_nothing(bank: Bank, state: str) -> None:
    item = in_state(bank, state)
    before = Event.objects.count()
    for verb in VERBS:
        for who in ROLES:
            if (state, verb, who) in LEADS:
                continue
            with pytest.raises(refusal(verb, who)):
                verb(getattr(bank, who), item)
    item.refresh_from_db()
    assert (item.state, Event.objects.count()) == (state, before)


def test_what_is_listed_leads_where_it_says(bank: Bank) -> None:
    found = {}
    for state, verb, who in sorted(LEADS, key=lambda one: one[1] is approve):
        item = in_state(bank, state)
        verb(getattr(bank, who), item)
        found[state, verb, who] = Item.objects.get(pk=item.pk).state
    assert found == LEADS
