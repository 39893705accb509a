"""The product that a person may edit, with its draft and its history."""

from collections.abc import Collection

from django.db.models import QuerySet

from catalog.products.models import DataProduct
from catalog.revisions.may import may_save_product_draft
from catalog.revisions.models import ProductRevision
from catalog.revisions.states import RevisionState
from identity.people.models import Person
from kernel.errors import NotFoundError


def get_editable_product(person: Person, slug: str) -> DataProduct:
    """NotFoundError for whoever may not edit it."""
    rows = DataProduct.objects.select_related("domain__owner_team", "owner")
    product = rows.filter(slug=slug).first()
    if product is None or not may_save_product_draft(person, product):
        raise NotFoundError
    return product


def get_draft(product: DataProduct) -> ProductRevision | None:
    return product.revisions.select_related("written_by").filter(state=RevisionState.DRAFT).first()


def count_draft_tables(products: Collection[DataProduct]) -> dict[int, int]:
    """By product that was never published and has a draft, how many tables the draft has. One query."""
    new = [one.pk for one in products if not one.is_published]
    rows = ProductRevision.objects.filter(product__in=new, state=RevisionState.DRAFT)
    return {pk: len(content.get("tables", ())) for pk, content in rows.values_list("product", "content")}


def list_published_revisions(product: DataProduct) -> QuerySet[ProductRevision]:
    """Newest first, with their people."""
    rows = product.revisions.filter(state=RevisionState.PUBLISHED)
    return rows.select_related("written_by", "published_by").order_by("-number")
