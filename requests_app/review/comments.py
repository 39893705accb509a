"""Comment on an item, or return it to the requester."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed
from requests_app.access_requests.input_checks import check_idempotency_key, check_same_submission, check_text
from requests_app.access_requests.locks import get_locked_item, save_item_state
from requests_app.access_requests.models import Comment, RequestItem
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.review.assignment.mentions import tell_mentioned_of_item
from requests_app.review.may import may_comment_on_item, may_request_changes
from requests_app.review.terms import check_same_terms
from requests_app.targets.checks import compute_effects


@transaction.atomic(durable=True)
def request_changes(
    *,
    acting_user: Person,
    item_id: int,
    comment: str,
    idempotency_key: str,
    now: datetime,
    terms_hash: str = "",
) -> Comment:
    """Return a request with a comment that says what to change. Idempotent by its key.
    `terms_hash` is the `compute_terms_hash` of what was shown.

    Raises NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a comment, or if the request was changed.
    """
    item = get_locked_item(acting_user, item_id)
    require_allowed(may_request_changes(acting_user, item))
    if first := _find_comment(item, acting_user, Comment.Kind.RETURN, comment, idempotency_key):
        return first
    state = ITEM_TRANSITIONS.check(item.state, ItemState.RETURNED)
    check_same_terms(item, terms_hash)
    remark = _write_comment(
        item, acting_user, comment, now, kind=Comment.Kind.RETURN, idempotency_key=idempotency_key
    )
    save_item_state(item, state, now)
    return remark


@transaction.atomic(durable=True)
def comment_on_item(
    *, acting_user: Person, item_id: int, comment: str, idempotency_key: str, now: datetime
) -> Comment:
    """Say something on an item, in whatever state it is. Sent again under its key, it is one.

    Raises NotFoundError, ForbiddenError, RefusedError without words, or for a key that came with others.
    """
    item = get_locked_item(acting_user, item_id)
    require_allowed(may_comment_on_item(acting_user, item))
    first = _find_comment(item, acting_user, Comment.Kind.COMMENT, comment, idempotency_key)
    return first or _write_comment(
        item, acting_user, comment, now, kind=Comment.Kind.COMMENT, idempotency_key=idempotency_key
    )


def _find_comment(
    item: RequestItem, person: Person, kind: Comment.Kind, text: str, idempotency_key: str
) -> Comment | None:
    """What was said under this key before. RefusedError when it was something else."""
    check_idempotency_key(idempotency_key)
    first = Comment.objects.filter(item=item, author=person, key=idempotency_key).first()
    if first is not None:
        check_same_submission(is_same=(first.kind, first.text) == (kind, text.strip()))
    return first


def _write_comment(
    item: RequestItem, person: Person, text: str, now: datetime, *, kind: Comment.Kind, idempotency_key: str
) -> Comment:
    if not text.strip():
        raise RefusedError(_("Enter a comment."), "comment")
    check_text(text, "comment")
    verb = "request_changes" if kind == Comment.Kind.RETURN else "comment_on_item"
    mentioned = tell_mentioned_of_item(person, item, text, now)
    data = {"effects_hash": compute_effects(item).digest(), **({"mentioned": mentioned} if mentioned else {})}
    event = record_by_person(verb, person, f"item:{item.pk}", data, now)
    return Comment.objects.create(
        item=item,
        author=person,
        posted_at=now,
        kind=kind,
        text=text.strip(),
        key=idempotency_key,
        event=event,
    )
