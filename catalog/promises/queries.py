"""Reads of promises that were not kept."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.products.models import DataProduct
from catalog.promises.models import PromiseBreach


def find_open_breaches(products: Iterable[DataProduct | int]) -> dict[int, list[PromiseBreach]]:
    """By product, for a person who sees them; products that keep their promises are left out. One query."""
    ids = {one if isinstance(one, int) else one.pk for one in products}
    found: dict[int, list[PromiseBreach]] = defaultdict(list)
    if ids:
        for breach in PromiseBreach.objects.filter(product__in=ids, ended_at=None).order_by("kind"):
            found[breach.product_id].append(breach)
    return dict(found)


def list_product_breaches(product: DataProduct) -> QuerySet[PromiseBreach]:
    """For a person who sees the product: newest first."""
    return PromiseBreach.objects.filter(product=product).order_by("-began_at", "-pk")
