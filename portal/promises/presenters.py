"""Broken promises as pages show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, find_open_breaches, list_product_breaches
from catalog.search.results import Hit

MAX_SHOWN = 10


@dataclass(frozen=True)
class PromiseView:
    """Breaches of a product: the open ones, and the newest of all."""

    open: tuple[PromiseBreach, ...]
    history: tuple[PromiseBreach, ...]


def build_promise_context(product: DataProduct) -> dict[str, Any]:
    """`promises`, for a person who sees the product. One query."""
    history = tuple(list_product_breaches(product)[:MAX_SHOWN])
    return {"promises": PromiseView(tuple(one for one in history if one.is_open), history)}


def find_broken_promises(hits: Iterable[Hit]) -> Mapping[Hit, tuple[str, ...]]:
    """The kinds of promises that a product found by a search does not keep now. One query."""
    products = {hit.pk: hit for hit in hits if hit.kind == "product"}
    open_breaches = find_open_breaches(products)
    return {products[pk]: tuple(breach.kind for breach in breaches) for pk, breaches in open_breaches.items()}
