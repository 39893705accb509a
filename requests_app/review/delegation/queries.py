"""Active delegations, and for whom a person may decide."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from identity.people.may import get_team_ids_with_role
from identity.people.models import Membership, Person
from identity.people.request_cache import cache_per_request
from kernel.clock import Now
from requests_app.page_counts import get_page_counts
from requests_app.policy_engine.verdict import RequestingSide
from requests_app.review.delegation.models import Delegation

OWNER_MEMBERSHIPS = Membership.objects.filter(
    team=OuterRef("team"), person=OuterRef("owner"), role=Membership.Role.DATA_OWNER
)
DELEGATE_MEMBERSHIPS = Membership.objects.filter(team=OuterRef("team"), person=OuterRef("delegate"))


def list_active_delegations() -> QuerySet[Delegation]:
    """Lists delegations that count at this moment of the database's clock."""
    open_ = Delegation.objects.filter(starts_at__lte=Now(), ends_at__gt=Now(), ended_at=None)
    there = open_.filter(owner__is_active=True, delegate__is_active=True)
    return there.filter(Exists(OWNER_MEMBERSHIPS), Exists(DELEGATE_MEMBERSHIPS)).select_related(
        "owner", "team"
    )


def list_usable_delegations(*, team: int, side: RequestingSide) -> QuerySet[Delegation]:
    """Lists delegations by which somebody may decide on requests of this side to `team`.

    Nobody delegates what they may not decide themselves: requests of their own or of their teams.
    """
    insiders = Membership.objects.filter(team__in=side.teams).values("person")
    apart = side.requesters | side.members
    mine = list_active_delegations().filter(team=team).exclude(owner__in=apart).exclude(owner__in=insiders)
    return mine.exclude(delegate__in=apart).exclude(delegate__in=insiders).order_by("pk")


@cache_per_request
def list_received_delegations(person: Person) -> list[Delegation]:
    """By which the person decides for others now. One query; for a page that only reads, mostly none."""
    if person.uses_request_cache and not get_page_counts(person).is_delegate:
        return []
    return list(list_active_delegations().filter(delegate=person).order_by("pk"))


def list_deciding_teams(person: Person) -> list[tuple[int, Person | None]]:
    """Teams for which the person decides: by their own word (None), and by the word of whoever passed it on. Two
    queries.
    """
    own = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    return [(team, None) for team in sorted(own)] + [
        (delegation.team_id, delegation.owner) for delegation in list_received_delegations(person)
    ]


def list_own_delegations(person: Person) -> QuerySet[Delegation]:
    """Lists delegations that the person gave, or was given, and that have not ended; the next to end first."""
    mine = Delegation.objects.filter(Q(owner=person) | Q(delegate=person), ended_at=None, ends_at__gt=Now())
    return mine.select_related("owner", "delegate", "team").order_by(F("ends_at"), "pk")


def list_delegate_candidates(person: Person) -> QuerySet[Membership]:
    """Whom the person could name, with the team: others of the teams whose data owner the person is. Each of them once
    a team, however many roles they have in it.
    """
    owned = Membership.objects.filter(person=person, role=Membership.Role.DATA_OWNER).values("team")
    others = Membership.objects.filter(team__in=owned, person__is_active=True).exclude(person=person)
    pair = "team__name", "person__name", "team", "person"
    return others.select_related("person", "team").order_by(*pair, "pk").distinct(*pair)
