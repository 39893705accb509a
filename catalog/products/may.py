"""Who may see which products and tables."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from identity.people.models import Membership, Person

EDITOR_ROLES = (Membership.Role.DATA_OWNER, Membership.Role.DEVELOPER)


def visible_products(person: Person) -> QuerySet[DataProduct]:
    """Published products, and unpublished ones for their owner and the domain's data owners and developers."""
    teams = Membership.objects.filter(person=person, role__in=EDITOR_ROLES).values("team")
    return DataProduct.objects.filter(
        Q(is_published=True) | Q(owner=person) | Q(domain__owner_team__in=teams)
    )


def visible_tables(person: Person) -> QuerySet[Table]:
    """Tables in no product, and those of products that the person may see; tombstones among them."""
    linked = ProductTable.objects.filter(table=OuterRef("pk"))
    shown = linked.filter(product__in=visible_products(person))
    return Table.objects.filter(~Exists(linked) | Exists(shown))
