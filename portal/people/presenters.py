"""Roles in words, and mail addresses as a link."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from identity.people.models import Membership, Person, PlatformRole, Team

MEMBERSHIP_TEXTS = {
    Membership.Role.MEMBER: _("Requests data for the team."),
    Membership.Role.DEVELOPER: _("Sees the team's data products before they are published."),
    Membership.Role.DATA_OWNER: _("Decides on requests for the team's data and writes its offers."),
    Membership.Role.ACCOUNT_ADMIN: _("Passes on what the team's AWS accounts were granted."),
    Membership.Role.LEAD: _("Approves the team's requests where a policy requires it."),
}
PLATFORM_TEXTS = {
    PlatformRole.Role.GOVERNANCE_ADMIN: _("Manages accounts, catalogs, teams and domains."),
    PlatformRole.Role.STEWARD: _(
        "Maintains the glossary and the catalogs, and approves requests where a policy requires it."
    ),
    PlatformRole.Role.PRIVACY: _("Approves requests where a policy requires it."),
    PlatformRole.Role.AUDITOR: _("Reads everything and changes nothing."),
}


@dataclass(frozen=True)
class RoleSummary:
    """`text` says what the role lets a person do."""

    label: str
    text: str


@dataclass(frozen=True)
class TeamRoles:
    team: Team
    roles: tuple[RoleSummary, ...]


def build_team_roles(memberships: Iterable[Membership]) -> list[TeamRoles]:
    """The memberships have to be ordered by team."""
    return [
        TeamRoles(
            team,
            tuple(
                RoleSummary(one.get_role_display(), str(MEMBERSHIP_TEXTS[Membership.Role(one.role)]))
                for one in held
            ),
        )
        for team, held in groupby(memberships, key=lambda membership: membership.team)
    ]


def build_platform_roles(person: Person) -> list[RoleSummary]:
    """A deactivated person has none."""
    held = person.platform_roles.all() if person.is_active else ()
    return [
        RoleSummary(one.get_role_display(), str(PLATFORM_TEXTS[PlatformRole.Role(one.role)])) for one in held
    ]


def build_mail_url(people: Iterable[Person]) -> str:
    """A `mailto:` URL for the active ones of these people, or empty."""
    addresses = [quote(person.email, safe="@") for person in people if person.is_active]
    return f"mailto:{','.join(addresses)}" if addresses else ""
