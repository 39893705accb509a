"""The comments on an item, and what may be said next."""

import uuid
from dataclasses import dataclass

from identity.people.models import Person
from requests_app.access_requests.models import Item, Remark
from requests_app.access_requests.states import ItemState
from requests_app.review.may import may_comment_on_item, may_resubmit_item


@dataclass(frozen=True)
class Talk:
    """What may be said next; `wish` is the change that is asked for, while the item is back with its asker."""

    item: Item
    may_comment: bool
    may_change: bool
    wish: Remark | None
    key: str


def talk_of(item: Item, person: Person) -> Talk:
    is_back = item.state == ItemState.RETURNED
    wishes = [remark for remark in item.remarks.all() if remark.kind == Remark.Kind.RETURN]
    return Talk(
        item=item,
        may_comment=bool(may_comment_on_item(person, item)),
        may_change=is_back and bool(may_resubmit_item(person, item)),
        wish=wishes[-1] if is_back and wishes else None,
        key=uuid.uuid4().hex,
    )
