"""What people do with a request or proposal of any kind. Each is one transaction.

All raise NotFoundError for whoever may not see the row, ForbiddenError, IllegalTransitionError, and RefusedError where the kind's checks
refuse it.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from audit.models import Event
from decisions.kinds import DecidedKind, Person
from decisions.models import Proposal
from decisions.queries import lock_proposal
from decisions.states import DECISION_TRANSITIONS, DecisionState
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError, require_allowed
from kernel.text import check_text
from lakeformation.values.canonical_json import digest

MAX_TEXT_LENGTH = 2000
NO_TERMS: Mapping[str, Any] = MappingProxyType({})
DECISION_FIELDS = ("state", "comment", "decided_by", "decided_at", "effects_hash", "event")
END_FIELDS = ("state", "end_reason", "ended_by", "ended_at")
Row = TypeVar("Row", bound=Proposal)


def record_request(kind: DecidedKind[Row], row: Row, data: dict[str, Any]) -> None:
    """Records a row that was just inserted: tells those who may decide on it. Called inside the transaction of the kind's own verb."""
    told = {"what": str(row), **data, "people": list(kind.list_deciders(row))}
    actor = _name(row.requested_by_id) if row.requested_by_id else kind.engine
    _record(kind.verbs.request, actor, row, told, row.requested_at)


@transaction.atomic(durable=True)
def withdraw_proposal(
    *, kind: DecidedKind[Row], acting_user: Person, pk: int, now: datetime, comment: str = ""
) -> Row:
    """Before it is decided. NotFoundError for a kind whose rows nobody withdraws."""
    if kind.may_withdraw is None:
        raise NotFoundError
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_withdraw(acting_user, row))
    _move(kind, row, DecisionState.WITHDRAWN, now)
    if kind.keeps_withdrawal:
        row.end_reason = check_text(comment, "comment", MAX_TEXT_LENGTH)
        row.ended_by, row.ended_at = acting_user, now
    row.save(update_fields=END_FIELDS if kind.keeps_withdrawal else ["state"])
    _record(
        kind.verbs.withdraw, _name(acting_user.pk), row, {"reason": row.end_reason, **kind.tell(row)}, now
    )
    return row


@transaction.atomic(durable=True)
def approve_proposal(
    *,
    kind: DecidedKind[Row],
    acting_user: Person,
    pk: int,
    comment: str,
    now: datetime,
    effects_hash: str = "",
    terms: Mapping[str, Any] = NO_TERMS,
) -> Row:
    """The decision, what it does and its event at once. `effects_hash` is of the effects that were shown: RefusedError if they are others
    by now. `terms` are what the decider sets of the kind's `terms`. With `parts` it is approved once all of them are.
    """
    row = lock_proposal(kind, acting_user, pk)
    refreshed = kind.refresh(row) if kind.refresh else ()
    require_allowed(kind.may_approve(acting_user, row))
    _check_move(kind, row, DecisionState.APPROVED, now)
    row.comment = _check_comment(kind, comment)
    row.decided_by, row.decided_at = acting_user, now
    for name in kind.terms:
        setattr(row, name, terms.get(name))
    kind.check(row, now)
    effects = kind.build_effects(row) if kind.build_effects else None
    data: dict[str, Any] = {"comment": row.comment}
    if effects is not None:
        if digest(effects) != effects_hash:
            raise RefusedError(
                _("What approval does has changed since you opened the page. Check it again."), "effects_hash"
            )
        row.effects_hash = effects_hash
        data |= {"effects": effects, "effects_hash": effects_hash}
    is_last = kind.parts is None or kind.parts.is_last(row)
    if kind.parts is not None:
        data["is_last"] = is_last
    if is_last:
        _move(kind, row, DecisionState.APPROVED, now)
    row.event = _record(kind.verbs.approve, _name(acting_user.pk), row, data | kind.tell(row), now)
    if kind.parts is not None:
        kind.parts.add(row)
    if is_last:
        applied = kind.apply(row, effects or {}, now)
        row.save(update_fields=[*DECISION_FIELDS, *kind.terms, *refreshed, *applied])
    else:
        row.save(update_fields=["effects_hash", *refreshed])
        row.refresh_from_db(fields=DECISION_FIELDS)
    return row


def approve_without_decider(*, kind: DecidedKind[Row], row: Row, data: dict[str, Any], now: datetime) -> None:
    """Approves a row that was just inserted, and needs no decision: it is carried out at once. Called inside the transaction of
    the kind's own verb.
    """
    assert kind.build_effects is not None
    _move(kind, row, DecisionState.APPROVED, now)
    effects = kind.build_effects(row)
    row.effects_hash, row.decided_at = digest(effects), now
    told = {"what": str(row), **data, "effects": effects, "effects_hash": row.effects_hash}
    row.event = _record(kind.verbs.approve_by_itself, kind.engine, row, told, now)
    row.save(update_fields=[*DECISION_FIELDS, *kind.apply(row, effects, now)])


@transaction.atomic(durable=True)
def reject_proposal(
    *, kind: DecidedKind[Row], acting_user: Person, pk: int, reason: str, now: datetime
) -> Row:
    """RefusedError without a reason, if the kind demands one."""
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_reject(acting_user, row))
    _move(kind, row, DecisionState.REJECTED, now)
    row.comment = (
        _check_reason(kind, reason) if kind.demands_reason else check_text(reason, "reason", MAX_TEXT_LENGTH)
    )
    row.decided_by, row.decided_at = acting_user, now
    data = {"reason": row.comment, **kind.tell(row)}
    row.event = _record(kind.verbs.reject, _name(acting_user.pk), row, data, now)
    row.save(update_fields=["state", "comment", "decided_by", "decided_at", "event"])
    return row


@transaction.atomic(durable=True)
def end_proposal(*, kind: DecidedKind[Row], acting_user: Person, pk: int, reason: str, now: datetime) -> Row:
    """After an approval. RefusedError without a reason. NotFoundError for a kind whose approvals nobody ends."""
    if kind.may_end is None:
        raise NotFoundError
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_end(acting_user, row))
    _move(kind, row, DecisionState.ENDED, now)
    row.end_reason = _check_reason(kind, reason)
    row.ended_by, row.ended_at = acting_user, now
    row.save(update_fields=END_FIELDS)
    if kind.take_back:
        kind.take_back(row, now)
    data = {"reason": row.end_reason, **kind.tell(row)}
    _record(kind.verbs.end, _name(acting_user.pk), row, data, now)
    return row


def lapse_proposal(*, kind: DecidedKind[Row], row: Row, now: datetime) -> None:
    """Lets a locked row lapse by itself, recorded where the kind has a verb for it. Called inside the transaction of the kind's
    own verb.
    """
    _move(kind, row, DecisionState.LAPSED, now)
    row.ended_at = now
    row.save(update_fields=["state", "ended_at"])
    if kind.verbs.lapse:
        _record(kind.verbs.lapse, kind.engine, row, kind.tell(row), now)


def _move(kind: DecidedKind[Row], row: Row, target: DecisionState, now: datetime) -> None:
    _check_move(kind, row, target, now)
    row.state = target


def _check_move(kind: DecidedKind[Row], row: Row, target: DecisionState, now: datetime) -> None:
    if not DECISION_TRANSITIONS.allows(row.state, target):
        raise IllegalTransitionError(kind.get_state_word(row), target)
    if row.is_waiting:
        kind.check_waiting(row, now)


def _check_reason(kind: DecidedKind[Row], reason: str, field: str = "reason") -> str:
    return check_text(reason, field, MAX_TEXT_LENGTH, str(kind.reason_needed) or _("Give a reason."))


def _check_comment(kind: DecidedKind[Row], comment: str) -> str:
    if kind.needs_comment:
        return _check_reason(kind, comment, "comment")
    return check_text(comment, "comment", MAX_TEXT_LENGTH)


def _record(verb: str, actor: str, row: Proposal, data: dict[str, Any], now: datetime) -> Event:
    return record_event(verb=verb, actor=actor, subject=row.subject, data=data, now=now)


def _name(person_id: int) -> str:
    return f"person:{person_id}"
