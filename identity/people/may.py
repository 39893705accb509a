"""Queries about a person's roles, used by the `may_…` functions of every package."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from identity.people.attempt_limits import AttemptLimit, describe_end
from identity.people.models import Membership, Person, PlatformRole, SignInAttempt, Team
from identity.people.request_cache import cache_per_request
from kernel.verdicts import ALLOWED, Verdict, refusal

READ_ALL_ROLES = frozenset({PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.AUDITOR})
"""Roles that read the whole mesh."""
_ROLES_SQL = """SELECT held.team_id, held.role FROM identity_person person, LATERAL (
  SELECT team_id, role FROM identity_membership WHERE person_id = person.id
  UNION SELECT NULL, role FROM identity_platformrole WHERE person_id = person.id) held
WHERE person.id = %(person)s AND person.is_active"""
SIGN_IN_LIMIT = AttemptLimit(timedelta(minutes=15), per_email=5, per_address=20)


def get_team_ids(person: Person) -> frozenset[int]:
    """Ids of the teams in which the person has any role."""
    return frozenset(team for team, _role in get_memberships(person))


def get_team_ids_with_role(person: Person, *roles: Membership.Role) -> frozenset[int]:
    """Ids of the teams in which the person has one of these roles."""
    return frozenset(team for team, held in get_memberships(person) if held in roles)


def get_memberships(person: Person) -> frozenset[tuple[int, str]]:
    """(team id, role) of each membership: one query, none where they are prefetched."""
    if "memberships" in _get_prefetched(person):
        return frozenset((held.team_id, held.role) for held in person.memberships.all())
    return get_all_roles(person)[0]


def is_member(person: Person, team: Team) -> bool:
    return team.pk in get_team_ids(person)


def get_platform_roles(person: Person) -> frozenset[str]:
    """The person's platform roles: one query, none where they are prefetched."""
    if "platform_roles" in _get_prefetched(person):
        return frozenset(held.role for held in person.platform_roles.all())
    return get_all_roles(person)[1]


def get_all_roles(person: Person) -> tuple[frozenset[tuple[int, str]], frozenset[str]]:
    """`get_memberships` and `get_platform_roles` in one query."""
    roles = _load_roles(person)
    in_teams = frozenset((team, role) for team, role in roles if team is not None)
    return in_teams, frozenset(role for team, role in roles if team is None)


def _get_prefetched(person: Person) -> Mapping[str, object]:
    found: Mapping[str, object] = getattr(person, "_prefetched_objects_cache", {})
    return found


@cache_per_request
def _load_roles(person: Person) -> frozenset[tuple[int | None, str]]:
    """(team id, role); the team is None for platform roles. A deactivated person has none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLES_SQL, {"person": person.pk})
        return frozenset(cursor.fetchall())


def has_platform_role(person: Person, *roles: PlatformRole.Role) -> bool:
    """Whether the person has one of these roles across the mesh."""
    return bool(get_platform_roles(person) & set(roles))


def can_read_everything(person: Person) -> bool:
    """Governance admins and auditors read the whole mesh; reading gives them no decision."""
    return bool(get_platform_roles(person) & READ_ALL_ROLES)


def is_auditor(person: Person) -> bool:
    """Auditors see everything in lists by default."""
    return person.is_active and has_platform_role(person, PlatformRole.Role.AUDITOR)


def may_read_audit_log(person: Person) -> Verdict:
    """Whoever reads the whole mesh reads what was done in it."""
    if person.is_active and can_read_everything(person):
        return ALLOWED
    return refusal(_("Only auditors and governance admins can read the audit log."))


def may_act(person: Person) -> Verdict:
    """Whoever is not deactivated."""
    return ALLOWED if person.is_active else refusal(_("Your profile is deactivated."))


def may_choose_language(person: Person) -> Verdict:
    return may_act(person)


def may_hide_columns(person: Person) -> Verdict:
    return may_act(person)


def may_attempt_sign_in(email: str, address: str, now: datetime) -> Verdict:
    """Whether another attempt is allowed, whether or not the e-mail is known."""
    end = SIGN_IN_LIMIT.find_end(SignInAttempt.objects.all(), email, address, now)
    if end is None:
        return ALLOWED
    return refusal(
        _("Too many attempts to sign in. Try again after %(time)s (%(zone)s).") % describe_end(end)
    )
