"""A person or a team with the roles that everyone may read."""

from django.core.management.base import CommandError
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from identity.people.models import Membership, Person, Team
from kernel.errors import NotFoundError


def get_person(pk: int) -> Person:
    """With their platform roles, also if deactivated. NotFoundError when there is no such person."""
    person = Person.objects.prefetch_related("platform_roles").filter(pk=pk).first()
    if person is None:
        raise NotFoundError
    return person


def lock_person(pk: int) -> Person:
    """For changes of the row, not of what refers to it. NotFoundError when there is no such person."""
    person = Person.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if person is None:
        raise NotFoundError
    return person


def get_team(slug: str) -> Team:
    """NotFoundError when there is no such team."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise NotFoundError
    return team


def list_memberships(person: Person) -> QuerySet[Membership]:
    """By team and role. A deactivated person has none."""
    held = Membership.objects.filter(person=person, person__is_active=True)
    return held.select_related("team").order_by(Lower("team__name"), "team", "role")


def list_members(team: Team) -> QuerySet[Person]:
    """Active members by name, each with `roles_in_team`."""
    held = Membership.objects.filter(team=team).order_by("role")
    people = _list_active(Membership.objects.filter(team=team))
    return people.prefetch_related(Prefetch("memberships", held, to_attr="roles_in_team"))


def list_data_owners(team: Team) -> QuerySet[Person]:
    """Active data owners of the team, by name."""
    return _list_active(Membership.objects.filter(team=team, role=Membership.Role.DATA_OWNER))


def list_account_admins(team: Team) -> QuerySet[Person]:
    """Active admins of the team's accounts, by name."""
    return _list_active(Membership.objects.filter(team=team, role=Membership.Role.ACCOUNT_ADMIN))


def _list_active(memberships: QuerySet[Membership]) -> QuerySet[Person]:
    people = Person.objects.filter(pk__in=memberships.values("person"), is_active=True)
    return people.order_by(Lower("name"), "pk")


def get_acting_person(email: str) -> Person:
    """CommandError if nobody active has this address."""
    person = Person.objects.filter(email=email, is_active=True).first()
    if person is None:
        raise CommandError(f"there is nobody with the e-mail {email}")
    return person
