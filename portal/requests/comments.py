"""Comment permissions of an item and its requested change."""

import uuid
from dataclasses import dataclass

from identity.people.models import Person
from requests_app.access_requests.models import Comment, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.may import may_comment_on_item, may_resubmit_item


@dataclass(frozen=True)
class ItemComments:
    """`requested_change` is set while the item waits for changes by its requester."""

    item: RequestItem
    may_comment: bool
    may_change: bool
    requested_change: Comment | None
    key: str


def get_item_comments(item: RequestItem, person: Person) -> ItemComments:
    is_back = item.state == ItemState.RETURNED
    wishes = [remark for remark in item.remarks.all() if remark.kind == Comment.Kind.RETURN]
    return ItemComments(
        item=item,
        may_comment=bool(may_comment_on_item(person, item)),
        may_change=is_back and bool(may_resubmit_item(person, item)),
        requested_change=wishes[-1] if is_back and wishes else None,
        key=uuid.uuid4().hex,
    )
