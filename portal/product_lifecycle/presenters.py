"""What pages say of a product's life cycle."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from catalog.product_lifecycle.models import (
    Deprecation,
    find_open_deprecations,
    find_shown_successors,
    has_request_exception,
)
from catalog.products.models import DataProduct
from identity.people.models import Person


@dataclass(frozen=True)
class DeprecationBanner:
    """`successor` is one that the person sees. `retires_at` is set once the retirement is scheduled. `may_request`: an
    exception lets the person.
    """

    product: DataProduct
    reason: str
    successor: DataProduct | None
    retires_on: date | None
    retires_at: datetime | None
    may_request: bool = False


def build_banner(product: DataProduct, person: Person, now: datetime) -> DeprecationBanner | None:
    """None of a product that is not deprecated. Up to three queries, or none."""
    banner = build_banners([product], person).get(product.pk)
    return banner and replace(banner, may_request=has_request_exception(product, person, now))


def build_table_banner(
    products: Sequence[DataProduct], person: Person, now: datetime
) -> DeprecationBanner | None:
    """Of the first product, if all products of a table are deprecated; of one that the person may request, if there is one."""
    if any(product.deprecated_at is None for product in products):
        return None
    banners = [banner for product in products if (banner := build_banner(product, person, now))]
    return next((one for one in banners if one.may_request), banners[0] if banners else None)


def takes_requests(banner: DeprecationBanner | None) -> bool:
    """Whether it takes requests of this person."""
    return banner is None or banner.may_request


def build_banners(products: Collection[DataProduct], person: Person) -> dict[int, DeprecationBanner]:
    """By product, of those that are deprecated, without `may_request`. One query or two, or none."""
    ids = [
        product.pk for product in products if product.deprecated_at is not None and product.retired_at is None
    ]
    found = find_open_deprecations(ids) if ids else {}
    successors = find_shown_successors(person, found.values())
    return {pk: _build_banner(one, successors.get(pk)) for pk, one in found.items()}


def _build_banner(deprecation: Deprecation, successor: DataProduct | None) -> DeprecationBanner:
    return DeprecationBanner(
        product=deprecation.product,
        reason=deprecation.reason,
        successor=successor,
        retires_on=deprecation.retires_on,
        retires_at=deprecation.product.retires_at,
    )
