"""The product that a file is about."""

from dataclasses import dataclass

from catalog.product_files.may import may_apply_product_file
from catalog.product_files.values import NOT_SAID, ProductFile
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain
from catalog.revisions.content import ProductContent, read_content
from catalog.revisions.may import list_possible_owners, may_create_product
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import get_draft
from identity.people.models import Person
from kernel.errors import NotFoundError
from kernel.text_checks import build_slug


@dataclass(frozen=True)
class FileTarget:
    """`product` is None for one that is new in the domain. `content` is what it says now."""

    product: DataProduct | None
    domain: Domain
    content: ProductContent
    draft: ProductRevision | None


def find_target(person: Person, file: ProductFile, *, locks: bool = False) -> FileTarget:
    """The product whose slug is the file's id, or a new one of the file's domain. NotFoundError for a product that the person
    sees and may not edit, and for a domain in which they may not create one.
    """
    rows = DataProduct.objects.select_related("domain__owner_team", "owner")
    rows = rows.select_for_update(of=("self",)) if locks else rows
    slugs = {file.slug, build_slug(file.slug, "product")}
    product = rows.filter(slug__in=slugs).order_by("pk").first()
    if product is not None and may_apply_product_file(person, product):
        return FileTarget(product, product.domain, read_content(product), get_draft(product))
    if product is not None and visible_products(person).filter(pk=product.pk).exists():
        raise NotFoundError
    return _find_domain(person, file)


def _find_domain(person: Person, file: ProductFile) -> FileTarget:
    domains = Domain.objects.select_related("owner_team")
    domain = domains.filter(slug=file.stated.get("domain", "")).first()
    if domain is None or not may_create_product(person, domain):
        raise NotFoundError
    owners = list(list_possible_owners(domain))
    owner = person.pk if person in owners else owners[0].pk if owners else 0
    return FileTarget(None, domain, ProductContent(**NOT_SAID, owner=owner), None)
