"""Facts about persons, from which every package's `may_…` answers are made."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.people.models import Membership, Person, PlatformRole, SignInAttempt, Team
from identity.people.request_cache import once_a_page
from identity.verdicts import ALLOWED, Verdict, refused

READERS = frozenset({PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.AUDITOR})
"""Roles that read the whole mesh."""
_HELD = """SELECT team_id, role FROM identity_membership WHERE person_id = %(person)s
UNION SELECT NULL, role FROM identity_platformrole WHERE person_id = %(person)s"""
SIGN_IN_WINDOW = timedelta(minutes=15)
MOST_ATTEMPTS_OF_EMAIL, MOST_ATTEMPTS_OF_ADDRESS = 5, 20


def teams_of(person: Person) -> frozenset[int]:
    """Ids of the teams in which the person has any role."""
    return frozenset(team for team, _role in memberships_of(person))


def teams_as(person: Person, role: Membership.Role) -> frozenset[int]:
    """Ids of the teams in which the person has this role."""
    return frozenset(team for team, held in memberships_of(person) if held == role)


def memberships_of(person: Person) -> frozenset[tuple[int, str]]:
    """Each team's id with a role that the person has in it: one query, none where they are with the person."""
    if "memberships" in _prefetched(person):
        return frozenset((held.team_id, held.role) for held in person.memberships.all())
    return held_by(person)[0]


def is_member(person: Person, team: Team) -> bool:
    return team.pk in teams_of(person)


def platform_roles_of(person: Person) -> frozenset[str]:
    """The person's roles across the mesh: one query, none where they are with the person."""
    if "platform_roles" in _prefetched(person):
        return frozenset(held.role for held in person.platform_roles.all())
    return held_by(person)[1]


def held_by(person: Person) -> tuple[frozenset[tuple[int, str]], frozenset[str]]:
    """Both: `memberships_of` and `platform_roles_of`. One query."""
    found = _held(person)
    in_teams = frozenset((team, role) for team, role in found if team is not None)
    return in_teams, frozenset(role for team, role in found if team is None)


def _prefetched(person: Person) -> Mapping[str, object]:
    found: Mapping[str, object] = getattr(person, "_prefetched_objects_cache", {})
    return found


@once_a_page
def _held(person: Person) -> frozenset[tuple[int | None, str]]:
    """Roles in teams, and with None those across the mesh, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"person": person.pk})
        return frozenset(cursor.fetchall())


def has_platform_role(person: Person, *roles: PlatformRole.Role) -> bool:
    """Whether the person has one of these roles across the mesh."""
    return bool(platform_roles_of(person) & set(roles))


def sees_everything(person: Person) -> bool:
    """Governance admins and auditors read the whole mesh; reading gives them no decision."""
    return bool(platform_roles_of(person) & READERS)


def is_auditor(person: Person) -> bool:
    """Whether reading everything is the person's own work: lists show them all of it at first."""
    return person.is_active and has_platform_role(person, PlatformRole.Role.AUDITOR)


def may_read_audit_log(person: Person) -> Verdict:
    """Whoever reads the whole mesh reads what was done in it."""
    if person.is_active and sees_everything(person):
        return ALLOWED
    return refused(_("Only auditors and governance admins can read the audit log."))


def may_attempt_sign_in(email: str, address: str, now: datetime) -> Verdict:
    """Whether one more attempt is heard. Who has the e-mail, or that nobody has, plays no part."""
    recent = SignInAttempt.objects.filter(at__gt=now - SIGN_IN_WINDOW)
    ends = [_shut_until(recent.filter(email=email), MOST_ATTEMPTS_OF_EMAIL)]
    if address:
        ends.append(_shut_until(recent.filter(address=address), MOST_ATTEMPTS_OF_ADDRESS))
    until = max((end for end in ends if end), default=None)
    if until is None:
        return ALLOWED
    minute = timezone.localtime(until + timedelta(seconds=59))
    words = {"time": date_format(minute, "H:i"), "zone": minute.tzname()}
    return refused(_("Too many attempts to sign in. Try again after %(time)s (%(zone)s).") % words)


def _shut_until(attempts: QuerySet[SignInAttempt], most: int) -> datetime | None:
    """When fewer than `most` are left in the window; None when that is so already."""
    counted = attempts.order_by("-at").values_list("at", flat=True)[most - 1 : most]
    return next((at + SIGN_IN_WINDOW for at in counted), None)
