"""The talk between asker and deciders, made ready for a page."""

import uuid
from dataclasses import dataclass

from identity.people.models import Person
from requests_app.access_requests.may import askers_of
from requests_app.access_requests.models import Change, Item, Remark
from requests_app.access_requests.states import ItemState
from requests_app.review.may import may_change_item, may_comment_on_item
from requests_app.review.terms import Difference, Terms, differences


@dataclass(frozen=True)
class Talk:
    """What may be said next; `wish` is the change that is asked for, while the item is back with its asker."""

    item: Item
    may_comment: bool
    may_change: bool
    wish: Remark | None
    key: str


@dataclass(frozen=True)
class ChangeShown:
    change: Change
    lines: tuple[Difference, ...]


def talk_of(item: Item, person: Person) -> Talk:
    is_back = item.state == ItemState.RETURNED
    wishes = [remark for remark in item.remarks.all() if remark.kind == Remark.Kind.RETURN]
    return Talk(
        item=item,
        may_comment=bool(may_comment_on_item(person, item)),
        may_change=is_back and bool(may_change_item(person, item)),
        wish=wishes[-1] if is_back and wishes else None,
        key=uuid.uuid4().hex,
    )


def last_change(item: Item) -> ChangeShown | None:
    """What the asker changed last, for those who look at it again."""
    mine = [change for change in item.changes.all() if change.made_by_id in askers_of(item)]
    if not mine:
        return None
    lines = differences(Terms.from_json(mine[-1].before), Terms.from_json(mine[-1].after))
    return ChangeShown(mine[-1], tuple(lines))
