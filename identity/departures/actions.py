"""Deactivate a person, and hand over in the same step what only they decide."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions.states import DecisionState
from identity.departures.duties import Duty, list_duties
from identity.departures.may import may_deactivate_person
from identity.people.events import record_by_person
from identity.people.models import Person
from identity.people.queries import lock_person
from identity.role_changes.may import list_governors
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import propose_role_change
from kernel.errors import RefusedError, require_allowed
from kernel.stored_text import builds_stored_text

Successors = Mapping[str, int]
"""Ids of the people who take over, by the key of the duty."""


@transaction.atomic(durable=True)
def deactivate_person(
    *,
    acting_user: Person,
    person_id: int,
    successors: Successors,
    shown: str,
    accepts_vacancies: bool,
    now: datetime,
) -> list[RoleChange]:
    """The person can no longer sign in or decide. Each successor's role is proposed as any role change, and returned: it
    waits for a second governor where one is required. `shown` is the `compute_duties_digest` of the page.

    NotFoundError; ForbiddenError; RefusedError if the person has left, other duties were shown, nobody takes over one of
    them and that is not accepted, or somebody can't take it over.
    """
    leaver = lock_person(person_id)
    require_allowed(may_deactivate_person(acting_user, leaver))
    if not leaver.is_active:
        raise RefusedError(_("%(name)s is deactivated already.") % {"name": leaver.name})
    duties = list_duties(leaver)
    if shown != compute_duties_digest(duties):
        raise RefusedError(_("What only they decide has changed. Check the list again."))
    people = _find_successors(leaver, duties, successors)
    if len(people) < len(duties) and not accepts_vacancies:
        raise RefusedError(
            _("Choose who takes over each role, or confirm that nobody decides until somebody is appointed."),
            "accepts_vacancies",
        )
    changes = [
        propose_role_change(person=acting_user, change=duty.build_change(people[duty.key]), now=now)
        for duty in duties
        if duty.key in people
    ]
    leaver.is_active = False
    leaver.save(update_fields=["is_active"])
    record_deactivation(person=acting_user, leaver=leaver, duties=duties, changes=changes, now=now)
    return changes


def record_deactivation(
    *, person: Person, leaver: Person, duties: Sequence[Duty], changes: Sequence[RoleChange], now: datetime
) -> None:
    """The event, of which governance and the successors are told."""
    concerned = {*list_governors().values_list("pk", flat=True), *(one.person_id for one in changes)}
    data = {
        "concerns": leaver.pk,
        "what": _describe(duties, changes),
        "duties": [duty.key for duty in duties],
        "role_changes": [one.pk for one in changes],
        "people": sorted(pk for pk in concerned if pk is not None),
    }
    record_by_person("deactivate_person", person, f"person:{leaver.pk}", data, now)


def compute_duties_digest(duties: Sequence[Duty]) -> str:
    return hashlib.sha256("\n".join(sorted(duty.key for duty in duties)).encode()).hexdigest()


def _find_successors(leaver: Person, duties: Sequence[Duty], successors: Successors) -> dict[str, Person]:
    """By key. RefusedError for an unknown duty, and for who has left or is from outside."""
    if set(successors) - {duty.key for duty in duties}:
        raise RefusedError(_("What only they decide has changed. Check the list again."), "successors")
    people = Person.objects.filter(is_active=True, is_external=False).exclude(pk=leaver.pk)
    known = people.in_bulk(set(successors.values()))
    if set(successors.values()) - set(known):
        raise RefusedError(_("Choose active people of the organisation."), "successors")
    return {key: known[pk] for key, pk in successors.items()}


@builds_stored_text
def _describe(duties: Sequence[Duty], changes: Sequence[RoleChange]) -> str:
    """Each duty, and who is to take it over."""
    if not duties:
        return _("nothing that only they decided")
    taken = {(one.role, one.team_id): one for one in changes}
    return "; ".join(
        _describe_duty(duty, taken.get((duty.role, duty.team.pk if duty.team else None))) for duty in duties
    )


def _describe_duty(duty: Duty, change: RoleChange | None) -> str:
    if change is None or change.person is None:
        return _("%(duty)s: nobody can decide") % {"duty": duty}
    words = {"duty": duty, "name": change.person.name}
    if change.state == DecisionState.APPROVED:
        return _("%(duty)s: %(name)s takes over") % words
    return _("%(duty)s: nobody can decide until a second governor confirms %(name)s") % words
