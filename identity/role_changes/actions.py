"""The verbs of a second governor on a proposal: confirm, reject; and of its proposer: withdraw."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from identity.role_changes.effects import apply_role_change, is_unchanged_since_proposal
from identity.role_changes.may import (
    may_confirm_role_change,
    may_reject_role_change,
    may_see_role_changes,
    may_withdraw_role_change,
)
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import BAR_PERIOD
from identity.role_changes.states import ROLE_CHANGE_TRANSITIONS, RoleChangeState
from kernel.errors import NotFoundError, RefusedError, require_allowed


@transaction.atomic(durable=True)
def confirm_role_change(*, acting_user: Person, change_id: int, now: datetime) -> RoleChange:
    """Put the change in effect; from now on proposer and confirmer are barred from what rests on it for a week.

    Raises NotFoundError, ForbiddenError, RefusedError when it was decided or expired, or its row is another by now.
    """
    change = _lock_change(acting_user, change_id)
    require_allowed(may_confirm_role_change(acting_user, change))
    _check_transition(change, RoleChangeState.CONFIRMED, now)
    if not is_unchanged_since_proposal(change):
        raise RefusedError(_("This has changed since it was proposed. Reject it and propose it again."))
    _decide(change, acting_user, RoleChangeState.CONFIRMED, now)
    _record("confirm_role_change", acting_user, change, now)
    try:
        with transaction.atomic():
            apply_role_change(change)
    except IntegrityError as error:
        raise RefusedError(
            _("This no longer applies to the current state. Reject it and propose it again.")
        ) from error
    return change


@transaction.atomic(durable=True)
def reject_role_change(*, acting_user: Person, change_id: int, now: datetime) -> RoleChange:
    """Nothing takes effect. Raises NotFoundError, ForbiddenError, RefusedError when it does not wait any more."""
    change = _lock_change(acting_user, change_id)
    require_allowed(may_reject_role_change(acting_user, change))
    _check_transition(change, RoleChangeState.REJECTED, now)
    _decide(change, acting_user, RoleChangeState.REJECTED, now)
    _record("reject_role_change", acting_user, change, now)
    return change


@transaction.atomic(durable=True)
def withdraw_role_change(*, acting_user: Person, change_id: int, now: datetime) -> RoleChange:
    """The proposer takes it back. Raises NotFoundError, ForbiddenError, RefusedError when it does not wait any more."""
    change = _lock_change(acting_user, change_id)
    require_allowed(may_withdraw_role_change(acting_user, change))
    _check_transition(change, RoleChangeState.WITHDRAWN, now)
    _decide(change, acting_user, RoleChangeState.WITHDRAWN, now)
    _record("withdraw_role_change", acting_user, change, now)
    return change


def _lock_change(person: Person, pk: int) -> RoleChange:
    """NotFoundError for who may not see role changes, and where there is none."""
    rows = RoleChange.objects.select_for_update(of=("self",)).select_related("person", "proposed_by", "event")
    change = rows.filter(pk=pk).first() if may_see_role_changes(person) else None
    if change is None:
        raise NotFoundError
    return change


def _check_transition(change: RoleChange, target: RoleChangeState, now: datetime) -> None:
    if not ROLE_CHANGE_TRANSITIONS.allows(change.state, target):
        words = {"state": RoleChangeState(change.state).label}
        raise RefusedError(_("This is no longer waiting: it is %(state)s.") % words)
    if change.expires_at <= now:
        raise RefusedError(_("Nobody confirmed this in time. Propose it again."))


def _decide(change: RoleChange, person: Person, state: RoleChangeState, now: datetime) -> None:
    change.state, change.decided_by, change.decided_at = state, person, now
    change.bars_until = now + BAR_PERIOD if state == RoleChangeState.CONFIRMED else None
    change.save(update_fields=["state", "decided_by", "decided_at", "bars_until"])


def _record(verb: str, person: Person, change: RoleChange, now: datetime) -> None:
    data = {**change.event.data, "role_change": change.pk}
    record_by_person(verb, person, change.event.subject, data, now)
