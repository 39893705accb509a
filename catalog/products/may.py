"""Who may see which products and tables."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from catalog.change_versions import CATALOG_VERSION_SQL, CURRENT_PERIOD_SQL, CatalogVersion
from catalog.mirror.models import Table
from catalog.products.models import SHARED_AUDIENCES, DataProduct, Domain, ProductTable
from identity.people.may import get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.sql import prepared_cursor

_SEARCH_STATE = f"SELECT {CATALOG_VERSION_SQL}, {CURRENT_PERIOD_SQL}, catalog_audience(%(person)s)"


def select_audiences(person: Person) -> RawSQL:
    """For a filter of products: `audience__in`."""
    return RawSQL("SELECT unnest(catalog_audience(%s))", [person.pk])


def select_held_tables(person: Person) -> RawSQL:
    """Ids of tables that a role of the person's teams holds under a grant that has not ended."""
    return RawSQL("SELECT catalog_held_tables(%s)", [person.pk])


def read_search_state(person: Person) -> tuple[CatalogVersion, tuple[int, ...]]:
    """The state of the catalog, and what the person may see of it. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_SEARCH_STATE, {"person": person.pk})
        version, period_start, audience = cursor.fetchone()
    return CatalogVersion(version, period_start), tuple(audience)


EDITOR_ROLES = (Membership.Role.DATA_OWNER, Membership.Role.DEVELOPER)
NOBODY = 0
"""No person has this id."""


def visible_products(person: Person) -> QuerySet[DataProduct]:
    """Published products whose audience the person belongs to, and what people from outside hold; unpublished ones for their
    owner and the domain's data owners and developers.
    """
    teams = Membership.objects.filter(person=person, role__in=EDITOR_ROLES).values("team")
    published = Q(audience__in=select_audiences(person))
    if person.is_external:
        published |= Q(
            pk__in=ProductTable.objects.filter(table__in=select_held_tables(person)).values("product")
        )
    return DataProduct.objects.filter(
        Q(published, is_published=True) | Q(owner=person) | Q(domain__owner_team__in=teams)
    )


def formerly_visible_products(person: Person) -> QuerySet[DataProduct]:
    """Retired products whose audience the person belongs to, for the page that names their successor."""
    return DataProduct.objects.filter(audience__in=select_audiences(person), retired_at__isnull=False)


def filter_visible_products(person: Person, products: Iterable[DataProduct]) -> list[DataProduct]:
    """What `visible_products` says, of products with their domains. One query where somebody may not see one of them."""
    found = list(products)
    if not person.is_external and all(one.is_published and one.seen_by in SHARED_AUDIENCES for one in found):
        return found
    ids = {product.pk for product in found}
    shown = set(visible_products(person).filter(pk__in=ids).values_list("pk", flat=True))
    return [product for product in found if product.pk in shown]


def list_maintained_products(person: Person) -> QuerySet[DataProduct]:
    """Products that the person owns, and those of the teams of which they are a data owner or developer."""
    teams = Membership.objects.filter(person=person, role__in=EDITOR_ROLES).values("team")
    return DataProduct.objects.filter(Q(owner=person) | Q(domain__owner_team__in=teams))


def list_edited_domains(person: Person) -> QuerySet[Domain]:
    """Domains of which the person is a data owner or developer, by name."""
    rows = Domain.objects.filter(owner_team__in=get_team_ids_with_role(person, *EDITOR_ROLES))
    return rows.select_related("owner_team").order_by("name")


def is_editor(person: Person, domain: Domain) -> bool:
    """Whether the person is a data owner or developer of the domain."""
    return domain.owner_team_id in get_team_ids_with_role(person, *EDITOR_ROLES)


def is_data_owner(person: Person, domain: Domain) -> bool:
    return domain.owner_team_id in get_team_ids_with_role(person, Membership.Role.DATA_OWNER)


def list_data_owner_ids(domain: Domain, *, without: int) -> list[int]:
    """Ids of the domain's active data owners but one person, in order."""
    owners = Membership.objects.filter(team=domain.owner_team_id, role=Membership.Role.DATA_OWNER)
    people = Person.objects.filter(is_active=True, pk__in=owners.values("person")).exclude(pk=without)
    return list(people.order_by("pk").values_list("pk", flat=True))


def build_data_owner_filter(domain: str) -> Callable[[str, Any], Q | None]:
    """For a kind of decision whose rows have the domain at that path: by role and team, the rows on which its holders decide."""

    def select_for_role(role: str, team: Any) -> Q | None:
        owns = team is not None and role == Membership.Role.DATA_OWNER
        return Q(**{f"{domain}__owner_team": team}) if owns else None

    return select_for_role


def list_product_owner_ids(product: DataProduct, *, without: int = NOBODY) -> list[int]:
    """Ids of its owner and its domain's data owners, if they are active, but one person; in order."""
    owner_ids = set(list_data_owner_ids(product.domain, without=without))
    if product.owner.is_active and product.owner_id != without:
        owner_ids.add(product.owner_id)
    return sorted(owner_ids)


def is_product_owner(person: Person, product: DataProduct) -> bool:
    """Whether the person owns it, or is a data owner of its domain."""
    return person.pk == product.owner_id or is_data_owner(person, product.domain)


def is_product_editor(person: Person, product: DataProduct) -> bool:
    """Whether the person owns it, or is a data owner or developer of its domain."""
    return person.pk == product.owner_id or is_editor(person, product.domain)


def list_owned_domains(person: Person) -> QuerySet[Domain]:
    """Domains of which the person is a data owner."""
    return Domain.objects.filter(owner_team__in=get_team_ids_with_role(person, Membership.Role.DATA_OWNER))


def visible_tables(person: Person) -> QuerySet[Table]:
    """Tables in no product, and those of products that the person may see; tombstones among them. People from outside see
    of tables in no product those that they hold.
    """
    linked = ProductTable.objects.filter(table=OuterRef("pk"))
    shown = linked.filter(product__in=visible_products(person))
    if person.is_external:
        return Table.objects.filter(Q(pk__in=select_held_tables(person)) | Exists(shown))
    return Table.objects.filter(~Exists(linked) | Exists(shown))
