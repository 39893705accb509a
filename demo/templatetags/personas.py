"""The demo's personas, for the menu and the sign-in page."""

from dataclasses import dataclass

from django import template
from django.db import connection

from identity.people.models import Membership, PlatformRole, get_initials

register = template.Library()
# The menu is on every page: making the statements of querysets takes longer than their answers.
PERSONAS_SQL = """
SELECT person.id, person.name, person.title, platform.role, held.role, held.team FROM identity_person person
LEFT JOIN LATERAL (SELECT role FROM identity_platformrole
  WHERE person_id = person.id ORDER BY id LIMIT 1) platform ON person.title = ''
LEFT JOIN LATERAL (SELECT role, team.name AS team FROM identity_membership JOIN identity_team team ON team.id = team_id
  WHERE person_id = person.id ORDER BY identity_membership.id LIMIT 1) held ON person.title = ''
WHERE person.is_active ORDER BY person.name"""


@dataclass(frozen=True)
class Persona:
    pk: int
    name: str
    role: str

    @property
    def initials(self) -> str:
        return get_initials(self.name)


@register.simple_tag
def personas() -> list[Persona]:
    """Everyone, with what they are in words. One query."""
    with connection.cursor() as cursor:
        cursor.execute(PERSONAS_SQL)
        return [Persona(pk, name, _describe_role(*roles)) for pk, name, *roles in cursor.fetchall()]


def _describe_role(title: str, platform_role: str | None, team_role: str | None, team: str | None) -> str:
    if title:
        return title
    if platform_role:
        return str(PlatformRole.Role(platform_role).label)
    return f"{Membership.Role(team_role).label}, {team}" if team_role else ""
