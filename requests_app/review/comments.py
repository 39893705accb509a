"""Comment on an item, or return it to the requester."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.errors import RefusedError, demand
from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.access_requests.input_checks import check_key, check_same_submission, check_text
from requests_app.access_requests.locks import get_locked_item
from requests_app.access_requests.models import Item, Remark
from requests_app.access_requests.states import ItemState, check_item_transition
from requests_app.review.decisions import save_item_state
from requests_app.review.may import may_comment_on_item, may_return_item
from requests_app.review.terms import check_same_terms
from requests_app.targets.access import compute_effects


@transaction.atomic(durable=True)
def return_item(
    *, acting_user: Person, item_id: int, comment: str, key: str, now: datetime, shown: str = ""
) -> Remark:
    """Send an ask back with words that say what would have to be otherwise. Sent again under its key, it is one. `shown`
    is the `compute_terms_digest` of what was looked at.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without words, or when the ask was changed.
    """
    item = get_locked_item(acting_user, item_id)
    demand(may_return_item(acting_user, item))
    if first := _find_comment(item, acting_user, Remark.Kind.RETURN, comment, key):
        return first
    state = check_item_transition(ItemState(item.state), ItemState.RETURNED)
    check_same_terms(item, shown)
    remark = _write_comment(item, acting_user, comment, now, kind=Remark.Kind.RETURN, key=key)
    save_item_state(item, state, now)
    return remark


@transaction.atomic(durable=True)
def comment_on_item(*, acting_user: Person, item_id: int, comment: str, key: str, now: datetime) -> Remark:
    """Say something on an item, in whatever state it is. Sent again under its key, it is one.

    Raises NotFoundError, ForbiddenError, RefusedError without words, or for a key that came with others.
    """
    item = get_locked_item(acting_user, item_id)
    demand(may_comment_on_item(acting_user, item))
    first = _find_comment(item, acting_user, Remark.Kind.COMMENT, comment, key)
    return first or _write_comment(item, acting_user, comment, now, kind=Remark.Kind.COMMENT, key=key)


def _find_comment(item: Item, person: Person, kind: Remark.Kind, text: str, key: str) -> Remark | None:
    """What was said under this key before. RefusedError when it was something else."""
    check_key(key)
    first = Remark.objects.filter(item=item, author=person, key=key).first()
    if first is not None:
        check_same_submission(is_same=(first.kind, first.text) == (kind, text.strip()))
    return first


def _write_comment(
    item: Item, person: Person, text: str, now: datetime, *, kind: Remark.Kind, key: str
) -> Remark:
    if not text.strip():
        raise RefusedError(_("Enter a comment."), "comment")
    check_text(text, "comment")
    verb = "return_item" if kind == Remark.Kind.RETURN else "comment_on_item"
    event = record_by_person(
        verb, person, f"item:{item.pk}", {"effects_hash": compute_effects(item).digest()}, now
    )
    return Remark.objects.create(
        item=item, author=person, said_at=now, kind=kind, text=text.strip(), key=key, event=event
    )
