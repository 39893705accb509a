"""Values for the product page and the list of domains."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from catalog.browse.tables import TableView, build_table_views, count_columns, order_counts
from catalog.mirror.models import Table
from catalog.mirror.queries import HolderCounts, count_holders
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain
from identity.people.models import Person, Team
from kernel.errors import NotFoundError
from kernel.queries import truncate_fields


@dataclass(frozen=True)
class ProductPage:
    """`classification_counts` counts columns over all tables; `has_access` when any table is held."""

    row: DataProduct
    domain: Domain
    team: Team
    owner: Person
    tables: tuple[TableView, ...]
    classification_counts: dict[str, int]
    holders: HolderCounts
    has_access: bool


@dataclass(frozen=True)
class DomainView:
    slug: str
    name: str
    line_of_business: str
    team: str
    product_count: int


def get_product(person: Person, slug: str) -> DataProduct:
    """Raises NotFoundError when there is no such product or the person may not see it."""
    shown = visible_products(person).select_related("domain__owner_team", "owner")
    product = shown.filter(slug=slug).distinct().first()
    if product is None:
        raise NotFoundError
    return product


def build_product_page(person: Person, slug: str) -> ProductPage:
    """Four queries, regardless of the product's size."""
    product = get_product(person, slug)
    rows = Table.objects.filter(product_tables__product=product).order_by("product_tables__position", "pk")
    return _build_page(person, product, rows)


def build_product_preview(person: Person, product: DataProduct, tables: Sequence[int]) -> ProductPage:
    """The page of a product with fields that are not saved and these tables, by id. Three queries."""
    order = Case(*(When(pk=pk, then=Value(position)) for position, pk in enumerate(tables)), default=Value(0))
    return _build_page(person, product, Table.objects.filter(pk__in=tables).order_by(order, "pk"))


def _build_page(person: Person, product: DataProduct, rows: QuerySet[Table]) -> ProductPage:
    rows = rows.select_related("database__catalog__account", "database__domain")
    tables = build_table_views(person, truncate_fields(count_columns(rows), "description"))
    return ProductPage(
        row=product,
        domain=product.domain,
        team=product.domain.owner_team,
        owner=product.owner,
        tables=tables,
        classification_counts=order_counts(
            sum((Counter(table.classification_counts) for table in tables), Counter())
        ),
        holders=count_holders([table.pk for table in tables]),
        has_access=any(table.has_access for table in tables),
    )


def get_domain(slug: str) -> Domain:
    """With its owner team. NotFoundError when there is no such domain."""
    domain = Domain.objects.select_related("owner_team").filter(slug=slug).first()
    if domain is None:
        raise NotFoundError
    return domain


def list_products(person: Person, condition: Q) -> QuerySet[DataProduct]:
    """What the person may see of the products of a domain, team or owner, by name."""
    shown = visible_products(person).filter(condition).select_related("domain", "owner")
    return shown.order_by(Lower("name"), "pk")


def list_domains(person: Person) -> tuple[DomainView, ...]:
    """Every domain with the number of its published products that the person may see, by name."""
    shown = visible_products(person).filter(is_published=True)
    published = Count("products", filter=Q(products__in=shown))
    rows = Domain.objects.select_related("owner_team").annotate(published=published).order_by("name")
    return tuple(
        DomainView(row.slug, row.name, row.line_of_business, row.owner_team.name, row.published)
        for row in rows
    )


def list_newest_products(person: Person, condition: Q, limit: int) -> list[DataProduct]:
    """What the person may see of the published products that were created last."""
    shown = visible_products(person).filter(condition, is_published=True)
    return list(shown.select_related("domain", "owner").order_by("-pk")[:limit])
