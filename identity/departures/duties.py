"""Duties: deciding roles that only one active person holds.

Other packages add to `DESCRIBE_DUTY` and `DESCRIBE_OTHERS` when their applications are ready.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.changes import (
    DECIDING_ROLES,
    ProposedRoleChange,
    build_membership_change,
    build_platform_role_change,
)
from identity.role_changes.may import is_governor, list_governors
from identity.role_changes.models import RoleChange
from identity.role_changes.states import RoleChangeKind

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
    """Those of an active person that nobody else who is active holds, with their consequences."""
    if not person.is_active:
        return []
    return [_describe(duty) for duty in (*_list_team_duties(person), *_list_platform_duties(person))]


def find_duty(person: Person, role: str, team: Team | None) -> Duty | None:
    """The one that the person would leave to nobody if this role was taken from them."""
    return next((one for one in list_duties(person) if (one.role, one.team) == (role, team)), None)


def describe_vacancy(change: RoleChange) -> str:
    """What nobody would decide if this role was taken away; empty where somebody else holds it, and for other changes."""
    if change.person is None or not is_removal(change):
        return ""
    lost = [one for one in list_duties(change.person) if _takes(change, one)]
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
