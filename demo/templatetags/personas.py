"""The demo's personas, for the menu and the sign-in page."""

from dataclasses import dataclass

from django import template
from django.db.models import Prefetch

from identity.people.models import Membership, Person

register = template.Library()


@dataclass(frozen=True)
class Persona:
    person: Person
    role: str


@register.simple_tag
def personas() -> list[Persona]:
    """Everyone, with what they are in words. Two queries and one."""
    members = Prefetch("memberships", Membership.objects.select_related("team").order_by("pk"))
    people = (
        Person.objects.filter(is_active=True).prefetch_related(members, "platform_roles").order_by("name")
    )
    return [Persona(person, _describe_role(person)) for person in people]


def _describe_role(person: Person) -> str:
    if person.title:
        return person.title
    words = [role.get_role_display() for role in person.platform_roles.all()]
    words += [f"{each.get_role_display()}, {each.team.name}" for each in person.memberships.all()]
    return words[0] if words else ""
