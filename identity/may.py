"""Facts about persons, from which every package's `may_…` answers are made."""

from identity.models import Membership, Person, PlatformRole, Team


def teams_of(person: Person) -> frozenset[int]:
    """Ids of the teams in which the person has any role."""
    return frozenset(Membership.objects.filter(person=person).values_list("team_id", flat=True))


def teams_as(person: Person, role: Membership.Role) -> frozenset[int]:
    """Ids of the teams in which the person has this role."""
    found = Membership.objects.filter(person=person, role=role)
    return frozenset(found.values_list("team_id", flat=True))


def is_member(person: Person, team: Team) -> bool:
    return Membership.objects.filter(person=person, team=team).exists()


def has_platform_role(person: Person, *roles: PlatformRole.Role) -> bool:
    """Whether the person has one of these roles across the mesh."""
    return PlatformRole.objects.filter(person=person, role__in=roles).exists()


def sees_everything(person: Person) -> bool:
    """Governance admins and auditors read the whole mesh; reading gives them no decision."""
    return has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.AUDITOR)
