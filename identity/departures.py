"""People who leave: what only they decide, who takes it over, and their deactivation.

Other packages add to `DESCRIBE_DUTY` and `DESCRIBE_OTHERS` when their applications are ready.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from decisions.states import DecisionState
from identity.people.events import record_by_person
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.people.queries import lock_person
from identity.role_changes.changes import (
    DECIDING_ROLES,
    ProposedRoleChange,
    build_membership_change,
    build_platform_role_change,
)
from identity.role_changes.may import is_governor, list_governors
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import propose_role_change
from identity.role_changes.states import RoleChangeKind
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import builds_stored_text
from kernel.verdicts import ALLOWED, Verdict, refusal

DECIDING_PLATFORM_ROLES = (
    PlatformRole.Role.GOVERNANCE_ADMIN,
    PlatformRole.Role.STEWARD,
    PlatformRole.Role.PRIVACY,
)


@dataclass(frozen=True)
class Duty:
    """A role in `team`, or across the mesh."""

    role: str
    team: Team | None = None
    consequences: tuple[str, ...] = field(default=(), compare=False)
    """What waits for nobody while nobody holds it."""

    def __str__(self) -> str:
        if self.team is None:
            return str(PlatformRole.Role(self.role).label)
        words = {"role": Membership.Role(self.role).label, "team": self.team.name}
        return _("%(role)s of %(team)s") % words

    @property
    def key(self) -> str:
        """For forms and the API."""
        return f"{self.team.slug}:{self.role}" if self.team else self.role

    def build_change(self, successor: Person) -> ProposedRoleChange:
        """That gives the role to somebody else."""
        if self.team is None:
            return build_platform_role_change(successor, self.role, held=True)
        return build_membership_change(successor, self.team, self.role, held=True)


DESCRIBE_DUTY: list[Callable[[Duty], Iterable[str]]] = []
"""What a duty is for, in words: domains, accounts, what waits just now."""
DESCRIBE_OTHERS: list[Callable[[Person], Iterable[str]]] = []
"""What else depends on a person, and no role change hands over."""


def list_duties(person: Person) -> list[Duty]:
    """Duties of an active person that nobody else who is active holds, with their consequences."""
    if not person.is_active:
        return []
    return [_describe(duty) for duty in (*_list_team_duties(person), *_list_platform_duties(person))]


def find_duty(person: Person, role: str, team: Team | None) -> Duty | None:
    """The one that the person would leave to nobody if this role was taken from them."""
    return next((duty for duty in list_duties(person) if (duty.role, duty.team) == (role, team)), None)


def describe_vacancy(change: RoleChange) -> str:
    """What nobody would decide if this role was taken away; empty where somebody else holds it, and for other changes."""
    if change.person is None or not is_removal(change):
        return ""
    lost = [duty for duty in list_duties(change.person) if _takes(change, duty)]
    return " ".join(describe_loss(one) for one in lost)


def describe_loss(duty: Duty) -> str:
    """A warning in one or two sentences."""
    text = _("Nobody else is %(duty)s.") % {"duty": duty}
    return f"{text} {'; '.join(duty.consequences)}." if duty.consequences else text


def is_removal(change: RoleChange) -> bool:
    """Whether it takes a role, or what a superuser governs."""
    return not change.is_addition or change.wanted.get("is_superuser") is False


def _takes(change: RoleChange, duty: Duty) -> bool:
    if change.kind == RoleChangeKind.ADMINISTRATION:
        return duty.role == PlatformRole.Role.GOVERNANCE_ADMIN
    return (change.role, change.team_id) == (duty.role, duty.team.pk if duty.team else None)


def list_other_dependencies(person: Person) -> list[str]:
    """What else depends on the person, in words."""
    return [text for describe in DESCRIBE_OTHERS for text in describe(person)]


def filter_holders(duty: Duty) -> Iterable[Person]:
    """Active people who hold the role."""
    if duty.role == PlatformRole.Role.GOVERNANCE_ADMIN:
        return list_governors()
    if duty.team is None:
        return Person.objects.filter(platform_roles__role=duty.role, is_active=True)
    held = Membership.objects.filter(team=duty.team, role=duty.role)
    return Person.objects.filter(pk__in=held.values("person"), is_active=True)


def _list_team_duties(person: Person) -> Iterable[Duty]:
    held = Membership.objects.filter(person=person, role__in=DECIDING_ROLES).select_related("team")
    for one in held.order_by("team__name", "role"):
        duty = Duty(one.role, one.team)
        if set(filter_holders(duty)) <= {person}:
            yield duty


def _list_platform_duties(person: Person) -> Iterable[Duty]:
    held = set(person.platform_roles.values_list("role", flat=True))
    if is_governor(person):
        held.add(PlatformRole.Role.GOVERNANCE_ADMIN)
    for role in DECIDING_PLATFORM_ROLES:
        if role in held and set(filter_holders(Duty(role))) <= {person}:
            yield Duty(role)


def _describe(duty: Duty) -> Duty:
    texts = tuple(text for describe in DESCRIBE_DUTY for text in describe(duty))
    return Duty(duty.role, duty.team, texts)


def may_deactivate_person(person: Person, leaver: Person) -> Verdict:
    """A governor: somebody else, and a superuser only if they are one."""
    if not is_governor(person):
        return refusal(_("Only a governor (a superuser or a governance admin) can deactivate people."))
    if person.pk == leaver.pk:
        return refusal(_("You can't deactivate yourself. Another governor has to."))
    if leaver.is_superuser and not person.is_superuser:
        return refusal(_("Only a superuser can deactivate a superuser."))
    return ALLOWED


def get_leaver(person: Person, pk: int) -> Person:
    """An active person. NotFoundError for whoever governs nobody."""
    found = Person.objects.filter(pk=pk, is_active=True).first()
    if found is None or not is_governor(person):
        raise NotFoundError
    return found


def list_successor_candidates(leaver: Person) -> QuerySet[Person]:
    """Active people of the organisation, by name."""
    return (
        Person.objects.filter(is_active=True, is_external=False).exclude(pk=leaver.pk).order_by("name", "pk")
    )


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
    concerned = {*list_governors().values_list("pk", flat=True), *(change.person_id for change in changes)}
    data = {
        "concerns": leaver.pk,
        "what": _describe_handover(duties, changes),
        "duties": [duty.key for duty in duties],
        "role_changes": [change.pk for change in changes],
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
def _describe_handover(duties: Sequence[Duty], changes: Sequence[RoleChange]) -> str:
    """Each duty, and who is to take it over."""
    if not duties:
        return _("nothing that only they decided")
    taken = {(change.role, change.team_id): change for change in changes}
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
