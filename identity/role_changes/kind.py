"""Role changes as a kind of decision: proposed by one governor, confirmed by another."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from decisions.kinds import DecidedKind, Verbs, register
from decisions.states import DecisionState, ShownState
from identity.people.models import Person, PlatformRole
from identity.role_changes.effects import apply_role_change, is_unchanged_since_proposal
from identity.role_changes.may import (
    list_deciders,
    may_confirm_role_change,
    may_reject_role_change,
    may_see_role_changes,
    may_withdraw_role_change,
)
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import BAR_PERIOD
from identity.role_changes.queries import list_role_changes
from kernel.clock import Now
from kernel.errors import RefusedError
from kernel.verdicts import refusal


def list_visible(person: Person) -> QuerySet[RoleChange]:
    """None for those whom changes only concern: they are notified, and find them in the list."""
    return list_role_changes(person) if may_see_role_changes(person) else RoleChange.objects.none()


def select_for_role(role: str, team: Any) -> Q | None:
    return Q() if team is None and role == PlatformRole.Role.GOVERNANCE_ADMIN else None


def get_status(row: RoleChange, now: datetime) -> str:
    """An overdue proposal counts as lapsed, even if its row still waits."""
    return DecisionState.LAPSED if row.is_waiting and row.expires_at <= now else row.state


def check_waiting(row: RoleChange, now: datetime) -> None:
    if row.expires_at <= now:
        raise RefusedError(_("Nobody confirmed this in time. Propose it again."))


def check(row: RoleChange, _now: datetime) -> None:
    if not is_unchanged_since_proposal(row):
        raise RefusedError(_("This has changed since it was proposed. Reject it and propose it again."))


def build_effects(row: RoleChange) -> dict[str, Any]:
    """What it writes: the row with its values before and after."""
    return {
        "kind": row.kind,
        "person": row.person_id,
        "team": row.team_id,
        "role": row.role,
        "row": row.row_id,
        "before": row.before,
        "wanted": row.wanted,
    }


def apply(row: RoleChange, _effects: dict[str, Any], now: datetime) -> tuple[str, ...]:
    """From now on proposer and confirmer are barred from what rests on it for a week. The database writes roles of a confirmed row alone."""
    row.bars_until = now + BAR_PERIOD
    row.save(
        update_fields=["state", "comment", "decided_by", "decided_at", "effects_hash", "event", "bars_until"]
    )
    try:
        with transaction.atomic():
            apply_role_change(row)
    except IntegrityError as error:
        raise RefusedError(
            _("This no longer applies to the current state. Reject it and propose it again.")
        ) from error
    return ()


ROLE_CHANGE = register(
    DecidedKind(
        name="role_change",
        model=RoleChange,
        verbs=Verbs(
            request="propose_role_change",
            withdraw="withdraw_role_change",
            approve="confirm_role_change",
            reject="reject_role_change",
        ),
        waits=Q(state=DecisionState.WAITING, expires_at__gt=Now()),
        list_visible=list_visible,
        may_decide=may_confirm_role_change,
        may_withdraw=may_withdraw_role_change,
        may_approve=may_confirm_role_change,
        may_reject=may_reject_role_change,
        may_end=lambda _person, _row: refusal(_("Propose the opposite change instead.")),
        list_deciders=list_deciders,
        select_for_role=select_for_role,
        get_domain=lambda _row: None,
        check_waiting=check_waiting,
        check=check,
        build_effects=build_effects,
        apply=apply,
        take_back=lambda _row, _now: None,
        demands_reason=False,
        states=tuple(state for state in DecisionState if state != DecisionState.ENDED),
        state_words={DecisionState.APPROVED: "confirmed", DecisionState.LAPSED: "expired"},
        get_status=get_status,
        shown={
            DecisionState.WAITING: ShownState("waiting_for_review", "second_person"),
            DecisionState.LAPSED: ShownState("ended", "not_confirmed_in_time"),
        },
        texts={
            "propose_role_change": gettext_lazy(
                "%(actor)s proposes a role change: %(what)s. A second governor has to confirm it."
            ),
            "confirm_role_change": gettext_lazy("%(actor)s confirmed a role change: %(what)s."),
            "make_role_change": gettext_lazy("%(actor)s made a role change: %(what)s."),
            "reject_role_change": gettext_lazy("%(actor)s rejected a role change: %(what)s."),
            "withdraw_role_change": gettext_lazy("%(actor)s withdrew a role change: %(what)s."),
        },
        topic="role_changed",
        told_page="role-changes",
        tell=lambda row: {**row.proposal_event.data, "role_change": row.pk},
        label=gettext_lazy("role change"),
        get_due_at=lambda row: row.expires_at,
        describe_count=lambda n: ngettext("%(n)d role change", "%(n)d role changes", n),
        page="role-change",
        listing="role-changes",
        is_english=True,
        is_for_anyone=True,
    )
)
