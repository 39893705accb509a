"""How many data products there were at the end of each month of a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from catalog.mesh.extent import list_mesh_products
from catalog.products.models import ProductLifecycle
from identity.people.models import Person

MAX_PRODUCTS = 20_000


@dataclass(frozen=True)
class Growth:
    """`existing` at the end of each month, `published` for the first time in it. `undated` more have no known day of
    publication, and are in neither.
    """

    existing: tuple[int, ...]
    published: tuple[int, ...]
    undated: int


def count_growth(person: Person, starts: Sequence[datetime]) -> Growth:
    """`starts` are the first moments of the months, the last of which is not over. One query."""
    rows = list_mesh_products(person).exclude(lifecycle=ProductLifecycle.DRAFT)
    dated = rows.annotate(first=Min("revisions__published_at")).values_list("first", "retired_at")
    return compute_growth(list(dated.order_by()[:MAX_PRODUCTS]), starts)


def compute_growth(
    products: Sequence[tuple[datetime | None, datetime | None]], starts: Sequence[datetime]
) -> Growth:
    """`products` are the times when each was first published and retired."""
    known = [(first, retired) for first, retired in products if first]
    ends = [*starts[1:], None]
    existing = tuple(
        sum(
            (end is None or first < end) and (retired is None or (end is not None and retired >= end))
            for first, retired in known
        )
        for end in ends
    )
    published = tuple(
        sum(first >= start and (end is None or first < end) for first, _retired in known)
        for start, end in zip(starts, ends, strict=True)
    )
    return Growth(existing, published, len(products) - len(known))
