"""Propose a role change: in effect at once where that is enough, else waiting for a second governor.

Called inside a transaction: the administration pages and `manage.py declare` change several rows in one.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from audit.models import Event
from identity.errors import RefusedError, demand
from identity.people.events import record_by_person
from identity.people.models import Membership, Person
from identity.role_changes.changes import Change
from identity.role_changes.effects import put_in_effect
from identity.role_changes.may import governors_now, may_propose_role_change
from identity.role_changes.models import RoleChange
from identity.role_changes.states import RoleChangeState

STANDS_FOR = timedelta(days=14)
"""For how long a proposal can be confirmed."""
BARS_FOR = timedelta(days=7)
"""For how long whoever made a change takes no part in what rests on it."""


def second_governor_needed() -> bool:
    """The setting: `off` lets one governor change roles alone, for a first set-up."""
    return bool(settings.SECOND_GOVERNOR == "required")


def propose_role_change(*, person: Person, change: Change, now: datetime) -> RoleChange:
    """The row: waiting, or confirmed when it took effect at once. The same proposed again is the waiting one.

    Raises ForbiddenError; RefusedError when another change of the same thing waits.
    """
    demand(may_propose_role_change(person))
    if not (change.weighty and second_governor_needed()):
        return make_role_change(person=person, change=change, now=now)
    if waiting := _waiting(change, now):
        if waiting.wanted != change.wanted:
            raise RefusedError(_("Another change of this is already waiting. Confirm or reject it first."))
        return waiting
    event = _record("propose_role_change", person, change, now)
    return RoleChange.objects.create(
        **_fields(change), proposed_by=person, proposed_at=now, expires_at=now + STANDS_FOR, event=event
    )


def make_role_change(*, person: Person, change: Change, now: datetime) -> RoleChange:
    """In effect at once, on one person's word: what takes no second governor, or was done already."""
    made = RoleChange.objects.create(
        **_fields(change),
        proposed_by=person,
        proposed_at=now,
        expires_at=now,
        state=RoleChangeState.CONFIRMED,
        decided_at=now,
        at_once=True,
        bars_until=now + BARS_FOR if second_governor_needed() else None,
        event=_record("make_role_change", person, change, now),
    )
    if change.before:
        put_in_effect(made)
    return made


def expire_role_changes(now: datetime) -> None:
    """Close the rows of proposals whose time is over; that they cannot be confirmed does not wait for it."""
    old = RoleChange.objects.filter(state=RoleChangeState.WAITING, expires_at__lte=now)
    old.update(state=RoleChangeState.EXPIRED, decided_at=now)


def concerned(change: Change) -> list[int]:
    """Ids of whom it is told: the person, the data owners of its teams, and all governors."""
    governors = governors_now().values_list("pk", flat=True)
    owners = Membership.objects.filter(team__in=change.teams, role=Membership.Role.DATA_OWNER)
    people = {*governors, *owners.values_list("person", flat=True)}
    return sorted(people | ({change.person.pk} if change.person else set()))


def _waiting(change: Change, now: datetime) -> RoleChange | None:
    expire_role_changes(now)
    return RoleChange.objects.filter(**change.same_thing, state=RoleChangeState.WAITING).first()


def _fields(change: Change) -> dict[str, Any]:
    return {
        **change.same_thing, "what": change.what[:400], "wanted": dict(change.wanted), "before": dict(change.before),
    }  # fmt: skip


def _record(verb: str, person: Person, change: Change, now: datetime) -> Event:
    subject = f"person:{change.person.pk}" if change.person else f"{change.kind}:{change.row_id}"
    data = {
        "kind": change.kind,
        "concerns": change.person.pk if change.person else None,
        "team": change.team.name if change.team else "",
        "what": _signed(change),
        "fields": sorted(change.wanted),
        "people": concerned(change),
    }
    return record_by_person(verb, person, subject, data, now)


def _signed(change: Change) -> str:
    """What changes, in words without the person: given, or taken."""
    return change.what if change.wanted.get("held", True) else _("no longer %(what)s") % {"what": change.what}
