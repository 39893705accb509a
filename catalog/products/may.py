"""Who may see which products and tables."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain, ProductTable
from identity.people.may import get_memberships, get_team_ids_with_role
from identity.people.models import Membership, Person

EDITOR_ROLES = (Membership.Role.DATA_OWNER, Membership.Role.DEVELOPER)


def visible_products(person: Person) -> QuerySet[DataProduct]:
    """Published products, and unpublished ones for their owner and the domain's data owners and developers."""
    teams = Membership.objects.filter(person=person, role__in=EDITOR_ROLES).values("team")
    return DataProduct.objects.filter(
        Q(is_published=True) | Q(owner=person) | Q(domain__owner_team__in=teams)
    )


def filter_visible_products(person: Person, products: Iterable[DataProduct]) -> list[DataProduct]:
    """What `visible_products` says, of products with their domains. One query where one of them is unpublished."""
    found = list(products)
    if all(product.is_published for product in found):
        return found
    teams = {team for team, role in get_memberships(person) if role in EDITOR_ROLES}
    return [
        product
        for product in found
        if product.is_published or product.owner_id == person.pk or product.domain.owner_team_id in teams
    ]


def list_maintained_products(person: Person) -> QuerySet[DataProduct]:
    """Products that the person owns, and those of the teams of which they are a data owner or developer."""
    teams = Membership.objects.filter(person=person, role__in=EDITOR_ROLES).values("team")
    return DataProduct.objects.filter(Q(owner=person) | Q(domain__owner_team__in=teams))


def list_owned_domains(person: Person) -> QuerySet[Domain]:
    """Domains of which the person is a data owner."""
    return Domain.objects.filter(owner_team__in=get_team_ids_with_role(person, Membership.Role.DATA_OWNER))


def visible_tables(person: Person) -> QuerySet[Table]:
    """Tables in no product, and those of products that the person may see; tombstones among them."""
    linked = ProductTable.objects.filter(table=OuterRef("pk"))
    shown = linked.filter(product__in=visible_products(person))
    return Table.objects.filter(~Exists(linked) | Exists(shown))
