"""Discovery settings for those who may read them, and whom a change concerns."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from catalog.discovery.settings import DiscoverySettings, read_settings
from catalog.products.models import Audience, DataProduct
from identity.people.may import READ_ALL_ROLES
from identity.people.models import Membership, Person, PlatformRole, Team

_HOLDERS = """SELECT p.id FROM identity_person p WHERE p.is_active AND EXISTS (
  SELECT FROM catalog_held_tables(p.id) AS held(id) JOIN catalog_producttable l ON l.table_id = held.id
  WHERE l.product_id = %s)"""


@dataclass(frozen=True)
class DiscoveryPreview:
    """How many people are concerned. `keeps` hold access, which stays; they go on seeing the product."""

    gains: int
    loses: int
    keeps: int
    may_request: int
    may_request_no_more: int


def list_namable_teams() -> QuerySet[Team]:
    return Team.objects.order_by("name", "pk")


def preview_settings(product: DataProduct, said: DiscoverySettings) -> DiscoveryPreview:
    """What `set_discovery` would change now. Counts active people."""
    now = read_settings(product)
    holders = list_holders(product)
    always = _list_always(product) | holders
    seen, seen_now = (_list_people(product, one.seen_by, one.see_teams) for one in (said, now))
    requested, requested_now = (
        _list_requesters(product, one, people | always) for one, people in ((said, seen), (now, seen_now))
    )
    return DiscoveryPreview(
        gains=len((seen | always) - (seen_now | always)),
        loses=len((seen_now | always) - (seen | always)),
        keeps=len((holders & seen_now) - seen),
        may_request=len(requested - requested_now),
        may_request_no_more=len(requested_now - requested),
    )


def list_viewers(product: DataProduct, said: DiscoverySettings) -> set[int]:
    """Ids of the active people who would see the published product."""
    return _list_people(product, said.seen_by, said.see_teams) | _list_always(product) | list_holders(product)


def list_holders(product: DataProduct) -> set[int]:
    """Ids of active people whose teams hold access to a table of it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [product.pk])
        return {pk for (pk,) in cursor.fetchall()}


def _list_always(product: DataProduct) -> set[int]:
    readers = PlatformRole.objects.filter(role__in=READ_ALL_ROLES, person__is_external=False).values("person")
    team = Membership.objects.filter(team=product.domain.owner_team_id).values("person")
    return _list_active(Q(pk__in=readers) | Q(pk__in=team) | Q(pk=product.owner_id))


def _list_requesters(product: DataProduct, said: DiscoverySettings, viewers: set[int]) -> set[int]:
    team = _list_people(product, Audience.DOMAIN, frozenset())
    return (_list_people(product, said.requested_by, said.request_teams) | team) & viewers


def _list_people(product: DataProduct, audience: str, teams: frozenset[int]) -> set[int]:
    if audience == Audience.EVERYONE:
        return _list_active(Q())
    if audience == Audience.ORGANISATION:
        return _list_active(Q(is_external=False))
    members = Membership.objects.filter(team__in=teams)
    if audience == Audience.DOMAIN:
        members = Membership.objects.filter(team=product.domain.owner_team_id)
    if audience == Audience.LINE:
        line = product.domain.line_of_business
        members = Membership.objects.filter(team__domains__line_of_business=line, person__is_external=False)
    return _list_active(Q(pk__in=members.values("person")))


def _list_active(condition: Q) -> set[int]:
    return set(Person.objects.filter(condition, is_active=True).values_list("pk", flat=True))
