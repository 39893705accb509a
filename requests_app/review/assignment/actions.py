"""Assign a decision to one of those who may make it, and comment on it. Each is one transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from decisions.kinds import DecidedKind
from decisions.models import Proposal
from decisions.queries import lock_proposal
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import IllegalTransitionError, RefusedError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.input_checks import check_idempotency_key, check_same_submission, check_text
from requests_app.access_requests.locks import get_locked_item
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.assignment.mentions import describe_item, tell_mentioned
from requests_app.review.assignment.models import Assignment, DecisionComment
from requests_app.review.assignment.queries import get_subject
from requests_app.review.may import list_deciders


@transaction.atomic(durable=True)
def assign_item(
    *, acting_user: Person, item_id: int, person_id: int | None, now: datetime
) -> Assignment | None:
    """Assigns an access request that waits, or takes it from whomever it is assigned to without `person_id`.

    NotFoundError, ForbiddenError, IllegalTransitionError once it is decided, RefusedError for somebody who may not decide on it.
    """
    item = get_locked_item(acting_user, item_id)
    if item.state != ItemState.SUBMITTED:
        raise IllegalTransitionError(item.state, ItemState.SUBMITTED)
    require_allowed(may_assign_item(acting_user, item))
    deciders = list(list_deciders(item).values_list("pk", flat=True))
    return _assign(
        f"item:{item.pk}",
        describe_item(item),
        deciders,
        acting_user=acting_user,
        person_id=person_id,
        now=now,
    )


@transaction.atomic(durable=True)
def assign_proposal(
    *, kind: DecidedKind[Any], acting_user: Person, pk: int, person_id: int | None, now: datetime
) -> Assignment | None:
    """As `assign_item`, for a row of a kind of decision."""
    row: Proposal = lock_proposal(kind, acting_user, pk)
    if not row.is_waiting:
        raise IllegalTransitionError(kind.get_state_word(row), "waiting")
    require_allowed(may_assign_proposal(kind, acting_user, row))
    deciders = kind.list_deciders(row)
    return _assign(
        get_subject(row), str(row), deciders, acting_user=acting_user, person_id=person_id, now=now
    )


@transaction.atomic(durable=True)
def comment_on_proposal(
    *, kind: DecidedKind[Any], acting_user: Person, pk: int, comment: str, idempotency_key: str, now: datetime
) -> DecisionComment:
    """Says something on a row, in whatever state it is. Sent again under its key, it is one. Who is mentioned is told.

    NotFoundError, ForbiddenError, RefusedError without words, or for a key that came with others.
    """
    row: Proposal = lock_proposal(kind, acting_user, pk)
    require_allowed(may_comment_on_proposal(kind, acting_user, row))
    check_idempotency_key(idempotency_key)
    text = comment.strip()
    first = DecisionComment.objects.filter(author=acting_user, key=idempotency_key).first()
    if first is not None:
        check_same_submission(is_same=(first.subject, first.text) == (get_subject(row), text))
        return first
    if not text:
        raise RefusedError(_("Enter a comment."), "comment")
    check_text(text, "comment")
    mentioned = tell_mentioned(
        author=acting_user,
        subject=get_subject(row),
        describe=lambda: str(row),
        text=text,
        may_see=lambda person: kind.list_visible(person).filter(pk=row.pk).exists(),
        now=now,
    )
    # What the portal itself found was requested by nobody.
    recipients = {row.requested_by_id, *kind.list_deciders(row)} - {None, acting_user.pk, *mentioned}
    data = {"what": str(row), "people": sorted(recipients)}
    event = record_by_person("comment_on_decision", acting_user, get_subject(row), data, now)
    return DecisionComment.objects.create(
        subject=get_subject(row),
        author=acting_user,
        text=text,
        posted_at=now,
        key=idempotency_key,
        event=event,
    )


def may_assign_item(person: Person, item: RequestItem) -> Verdict:
    """Those whose turn it is to decide."""
    return ALLOWED if list_deciders(item).filter(pk=person.pk).exists() else _refuse_assignment()


def may_assign_proposal(kind: DecidedKind[Any], person: Person, row: Proposal) -> Verdict:
    """Those who may decide."""
    return ALLOWED if person.pk in kind.list_deciders(row) else _refuse_assignment()


def _refuse_assignment() -> Verdict:
    return refusal(_("Only those who can decide on this can assign it."))


def may_comment_on_proposal(kind: DecidedKind[Any], person: Person, row: Proposal) -> Verdict:
    """Who requested it, and those who may decide on it."""
    if person.is_active and (person.pk == row.requested_by_id or person.pk in kind.list_deciders(row)):
        return ALLOWED
    return refusal(_("Only the requester and those who can decide can comment here."))


def _assign(
    subject: str,
    what: str,
    deciders: Collection[int],
    *,
    acting_user: Person,
    person_id: int | None,
    now: datetime,
) -> Assignment | None:
    before = Assignment.objects.filter(subject=subject).first()
    if person_id is None:
        if before is not None:
            record_by_person("unassign_decision", acting_user, subject, {"what": what}, now)
            before.delete()
        return None
    if person_id not in deciders:
        raise RefusedError(_("This person can't decide on it. Choose another."), "assignee")
    if before is not None and before.person_id == person_id:
        return before
    event = record_by_person(
        "assign_decision", acting_user, subject, {"what": what, "people": [person_id]}, now
    )
    values = {"person_id": person_id, "assigned_by": acting_user, "assigned_at": now, "event": event}
    return Assignment.objects.update_or_create(subject=subject, defaults=values)[0]
