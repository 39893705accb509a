"""What people do with a request or proposal of any kind. Each is one transaction.

All raise NotFoundError for whoever may not see the row, ForbiddenError, IllegalTransitionError, and RefusedError where the kind's checks
refuse it.
"""

from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from audit.models import Event
from decisions.kinds import DecidedKind, Person
from decisions.models import Proposal
from decisions.queries import lock_proposal
from decisions.states import DECISION_TRANSITIONS, DecisionState
from kernel.errors import IllegalTransitionError, RefusedError, require_allowed
from kernel.text_checks import check_text
from lakeformation.values.canonical_json import digest

MAX_TEXT_LENGTH = 2000
Row = TypeVar("Row", bound=Proposal)


def record_request(kind: DecidedKind[Row], row: Row, data: dict[str, Any]) -> None:
    """Of a row that was just inserted: tells those who may decide on it. Called inside the transaction of the kind's own verb."""
    told = {"what": str(row), **data, "people": list(kind.list_deciders(row))}
    _record(kind.verbs.request, row, row.requested_by_id, told, row.requested_at)


@transaction.atomic(durable=True)
def withdraw_proposal(*, kind: DecidedKind[Row], acting_user: Person, pk: int, now: datetime) -> Row:
    """Before it is decided."""
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_withdraw(acting_user, row))
    _move(kind, row, DecisionState.WITHDRAWN, now)
    row.save(update_fields=["state"])
    told = kind.tell(row) if kind.verbs.withdraw in kind.texts else {}
    _record(kind.verbs.withdraw, row, acting_user.pk, told, now)
    return row


@transaction.atomic(durable=True)
def approve_proposal(
    *, kind: DecidedKind[Row], acting_user: Person, pk: int, effects_hash: str, comment: str, now: datetime
) -> Row:
    """The decision, what it does and its event at once. `effects_hash` is of the effects that were shown: RefusedError if they are others
    by now.
    """
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_approve(acting_user, row))
    _move(kind, row, DecisionState.APPROVED, now)
    kind.check(row, now)
    effects = kind.build_effects(row)
    if digest(effects) != effects_hash:
        raise RefusedError(
            _("What approval does has changed since you opened the page. Check it again."), "effects_hash"
        )
    row.effects_hash, row.comment = effects_hash, check_text(comment, "comment", MAX_TEXT_LENGTH)
    row.decided_by, row.decided_at = acting_user, now
    data = {"effects": effects, "effects_hash": effects_hash, "comment": row.comment}
    row.event = _record(kind.verbs.approve, row, acting_user.pk, data | kind.tell(row), now)
    applied = kind.apply(row, effects, now)
    row.save(
        update_fields=["state", "comment", "decided_by", "decided_at", "effects_hash", "event", *applied]
    )
    return row


@transaction.atomic(durable=True)
def reject_proposal(
    *, kind: DecidedKind[Row], acting_user: Person, pk: int, reason: str, now: datetime
) -> Row:
    """RefusedError without a reason, if the kind demands one."""
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_reject(acting_user, row))
    _move(kind, row, DecisionState.REJECTED, now)
    row.comment = (
        _check_reason(reason) if kind.demands_reason else check_text(reason, "reason", MAX_TEXT_LENGTH)
    )
    row.decided_by, row.decided_at = acting_user, now
    data = {"reason": row.comment, **kind.tell(row)}
    row.event = _record(kind.verbs.reject, row, acting_user.pk, data, now)
    row.save(update_fields=["state", "comment", "decided_by", "decided_at", "event"])
    return row


@transaction.atomic(durable=True)
def end_proposal(*, kind: DecidedKind[Row], acting_user: Person, pk: int, reason: str, now: datetime) -> Row:
    """After an approval. RefusedError without a reason."""
    row = lock_proposal(kind, acting_user, pk)
    require_allowed(kind.may_end(acting_user, row))
    _move(kind, row, DecisionState.ENDED, now)
    row.end_reason = _check_reason(reason)
    row.ended_by, row.ended_at = acting_user, now
    row.save(update_fields=["state", "end_reason", "ended_by", "ended_at"])
    kind.take_back(row, now)
    data = {"reason": row.end_reason, **kind.tell(row)}
    _record(kind.verbs.end, row, acting_user.pk, data, now)
    return row


def _move(kind: DecidedKind[Row], row: Row, target: DecisionState, now: datetime) -> None:
    if not DECISION_TRANSITIONS.allows(row.state, target):
        raise IllegalTransitionError(kind.get_state_word(row), target)
    if row.is_waiting:
        kind.check_waiting(row, now)
    row.state = target


def _check_reason(reason: str) -> str:
    return check_text(reason, "reason", MAX_TEXT_LENGTH, _("Give a reason."))


def _record(verb: str, row: Proposal, person_id: int, data: dict[str, Any], now: datetime) -> Event:
    return record_event(verb=verb, actor=f"person:{person_id}", subject=row.subject, data=data, now=now)
