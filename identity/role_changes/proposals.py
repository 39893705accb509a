"""Propose a role change: in effect at once where that is enough, else waiting for a second governor.

Called inside a transaction: the administration pages and `manage.py declare` change several rows in one.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from audit.models import Event
from decisions.states import DecisionState
from identity.people.events import record_by_person
from identity.people.models import Membership, Person
from identity.role_changes.changes import ProposedRoleChange
from identity.role_changes.effects import apply_role_change
from identity.role_changes.may import list_governors, may_propose_role_change
from identity.role_changes.models import RoleChange
from kernel.errors import RefusedError, require_allowed
from kernel.text import builds_stored_text

PROPOSAL_PERIOD = timedelta(days=14)
"""How long a proposal can be confirmed."""
BAR_PERIOD = timedelta(days=7)
"""How long the people who made a change are barred from decisions that rest on it."""


def is_second_governor_required() -> bool:
    """The setting: `off` lets one governor change roles alone, for a first set-up."""
    return bool(settings.SECOND_GOVERNOR == "required")


def propose_role_change(*, person: Person, change: ProposedRoleChange, now: datetime) -> RoleChange:
    """The row: waiting, or approved when it took effect at once. The same proposed again is the waiting one.

    Raises ForbiddenError; RefusedError when another change of the same thing waits.
    """
    require_allowed(may_propose_role_change(person))
    if not (change.needs_second_governor and is_second_governor_required()):
        return make_role_change(person=person, change=change, now=now)
    expire_role_changes(now)
    if waiting := RoleChange.objects.filter(**change.identifying_fields, state=DecisionState.WAITING).first():
        if waiting.wanted != change.new_values:
            raise RefusedError(_("Another change of this is already waiting. Confirm or reject it first."))
        return waiting
    return RoleChange.objects.create(
        **_fields(change),
        requested_by=person,
        requested_at=now,
        expires_at=now + PROPOSAL_PERIOD,
        proposal_event=_record("propose_role_change", person, change, now),
    )


def make_role_change(*, person: Person, change: ProposedRoleChange, now: datetime) -> RoleChange:
    """Record a change in effect at once: one that needs no second governor, or was already made."""
    event = _record("make_role_change", person, change, now)
    made = RoleChange.objects.create(
        **_fields(change),
        requested_by=person,
        requested_at=now,
        expires_at=now,
        state=DecisionState.APPROVED,
        decided_at=now,
        at_once=True,
        bars_until=now + BAR_PERIOD if is_second_governor_required() else None,
        proposal_event=event,
        event=event,
    )
    if change.old_values:
        apply_role_change(made)
    return made


def expire_role_changes(now: datetime) -> None:
    """Overdue proposals lapse."""
    old = RoleChange.objects.filter(state=DecisionState.WAITING, expires_at__lte=now)
    old.update(state=DecisionState.LAPSED, decided_at=now)


def list_concerned_people(change: ProposedRoleChange) -> list[int]:
    """Ids of the people to notify: the person, the data owners of its teams, and all governors."""
    governors = list_governors().values_list("pk", flat=True)
    owners = Membership.objects.filter(team__in=change.team_ids, role=Membership.Role.DATA_OWNER)
    people = {*governors, *owners.values_list("person", flat=True)}
    return sorted(people | ({change.person.pk} if change.person else set()))


def _fields(change: ProposedRoleChange) -> dict[str, Any]:
    return {
        **change.identifying_fields,
        "what": change.description[:400],
        "wanted": dict(change.new_values),
        "before": dict(change.old_values),
    }


def _record(verb: str, person: Person, change: ProposedRoleChange, now: datetime) -> Event:
    subject = f"person:{change.person.pk}" if change.person else f"{change.kind}:{change.row_id}"
    data = {
        "kind": change.kind,
        "concerns": change.person.pk if change.person else None,
        "team": change.team.name if change.team else "",
        "what": _describe(change),
        "fields": sorted(change.new_values),
        "people": list_concerned_people(change),
    }
    return record_by_person(verb, person, subject, data, now)


@builds_stored_text
def _describe(change: ProposedRoleChange) -> str:
    """The description, with "no longer" where a role is taken."""
    return (
        change.description
        if change.new_values.get("held", True)
        else _("no longer %(what)s") % {"what": change.description}
    )
