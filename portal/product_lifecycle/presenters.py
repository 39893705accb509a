"""What pages say of a product's life cycle."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from catalog.product_lifecycle.models import Deprecation
from catalog.product_lifecycle.queries import find_open_deprecations, has_request_exception
from catalog.products.models import DataProduct
from identity.people.models import Person


@dataclass(frozen=True)
class DeprecationBanner:
    """`successor` is one that is still published. `retires_at` is set once the retirement is scheduled."""

    product: DataProduct
    reason: str
    successor: DataProduct | None
    retires_on: date | None
    retires_at: datetime | None
    may_request: bool = False


def build_banner(
    product: DataProduct, person: Person | None = None, now: datetime | None = None
) -> DeprecationBanner | None:
    """None of a product that is not deprecated. `may_request`: an exception lets the person. One query or two, or none."""
    banner = build_banners([product]).get(product.pk)
    if banner is None or person is None or now is None:
        return banner
    return replace(banner, may_request=has_request_exception(product, person, now))


def build_table_banner(
    products: Sequence[DataProduct], person: Person, now: datetime
) -> DeprecationBanner | None:
    """Of the first product, if all products of a table are deprecated."""
    if not products or any(one.deprecated_at is None for one in products):
        return None
    return build_banner(products[0], person, now)


def build_banners(products: Collection[DataProduct]) -> dict[int, DeprecationBanner]:
    """By product, of those that are deprecated. One query, or none."""
    ids = [one.pk for one in products if one.deprecated_at is not None]
    found = find_open_deprecations(ids) if ids else {}
    return {pk: _build_banner(one) for pk, one in found.items()}


def _build_banner(deprecation: Deprecation) -> DeprecationBanner:
    successor = deprecation.successor
    return DeprecationBanner(
        product=deprecation.product,
        reason=deprecation.reason,
        successor=successor if successor and successor.is_published else None,
        retires_on=deprecation.retires_on,
        retires_at=deprecation.product.retires_at,
    )
