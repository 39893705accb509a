"""The people of a domain who draft and publish its products."""

from dataclasses import dataclass

from catalog.products.models import Domain
from identity.people.models import Membership, Person


@dataclass(frozen=True)
class Publishers:
    developer: Person
    owner: Person
    domain: Domain


def find_publishers(domain_slug: str) -> Publishers | None:
    """A developer and a data owner of the domain's team; None unless it has both."""
    domain = Domain.objects.filter(slug=domain_slug).first()
    if domain is None:
        return None
    members = Membership.objects.filter(team=domain.owner_team_id, person__is_active=True)
    members = members.select_related("person").order_by("person__name")
    developer = members.filter(role=Membership.Role.DEVELOPER).first()
    owner = members.filter(role=Membership.Role.DATA_OWNER).first()
    return Publishers(developer.person, owner.person, domain) if developer and owner else None
