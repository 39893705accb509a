"""A product locked for a change of its life cycle."""

from django.utils.translation import gettext as _

from catalog.product_lifecycle.queries import compute_lifecycle_digest
from catalog.products.models import DataProduct
from catalog.revisions.may import may_save_product_draft
from identity.keys import normalize_slug
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError


def lock_product(person: Person, slug: str, *, and_slug: str = "") -> DataProduct:
    """With its domain's team. `and_slug` is locked as well, in the order of ids. NotFoundError for whoever may not edit it."""
    slug = normalize_slug(slug)
    rows = DataProduct.objects.select_for_update(of=("self",)).select_related("domain__owner_team", "owner")
    found = {one.slug: one for one in rows.filter(slug__in={slug, and_slug}).order_by("pk")}
    product = found.get(slug)
    if product is None or not may_save_product_draft(person, product):
        raise NotFoundError
    return product


def check_shown(product: DataProduct, shown: str) -> None:
    """RefusedError if the product's life cycle went on since the page was made."""
    if compute_lifecycle_digest(product) != shown:
        raise RefusedError(_("The product has changed in the meantime. Check it again."), "shown")
