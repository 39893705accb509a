"""How fresh the bank's products were in the last ninety days, and the times at which some were not as fresh as promised."""

from datetime import datetime, timedelta

from catalog.freshness import FreshnessDay, FreshnessState
from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, PromiseKind, record_promise_state
from kernel import clock

DAYS = 90
LATE_DAYS = {
    "claims": {61: 7, 33: 4, 12: 9},
    "policies": {19: 31},
    "customer-360": {47: 40, 46: 64, 5: 29},
    "card-spend": {26: 27},
}
"""How old the data became on these days before today, in hours."""
CAUSE = "The pipeline ran late."


def seed_freshness() -> int:
    """Returns how many products have a history. As the workers, which have written it."""
    products = DataProduct.objects.filter(is_published=True, freshness_hours__isnull=False)
    now = clock.now()
    for product in products.select_related("domain", "owner").order_by("pk"):
        if not FreshnessDay.objects.filter(product=product, day__lt=now.date() - timedelta(days=1)).exists():
            _seed_product(product, now)
    return FreshnessDay.objects.values("product").distinct().count()


def _seed_product(product: DataProduct, now: datetime) -> None:
    late = LATE_DAYS.get(product.slug, {})
    for back in range(DAYS, 0, -1):
        at = now - timedelta(days=back)
        if back in late and not PromiseBreach.objects.filter(product=product, ended_at=None).exists():
            _say(product, late[back], at, broken=True)
        elif back not in late and back + 1 in late:
            _say(product, 1, at - timedelta(hours=9), broken=False)
    FreshnessDay.objects.bulk_create(
        [_build_day(product, back, late.get(back), now) for back in range(DAYS, 0, -1)], ignore_conflicts=True
    )


def _build_day(product: DataProduct, back: int, late_hours: int | None, now: datetime) -> FreshnessDay:
    """On a usual day the oldest that it became is a half to nine tenths of what is promised."""
    promised = product.freshness_hours or 0
    usual = promised * 60 * (50 + (back * 37 + product.pk * 11) % 41) // 100
    return FreshnessDay(
        product=product,
        day=(now - timedelta(days=back)).date(),
        state=FreshnessState.LATE if late_hours else FreshnessState.FRESH,
        age_minutes=late_hours * 60 if late_hours else usual,
        promised_hours=promised,
    )


def _say(product: DataProduct, hours: int, at: datetime, *, broken: bool) -> None:
    table = product.tables.order_by("product_tables__position")[0]
    record_promise_state(
        product=product,
        kind=PromiseKind.FRESHNESS,
        broken=broken,
        promised=f"at most {product.freshness_hours} hours old",
        fact=f"{table} is {hours} hours old by its last lineage run",
        cause=CAUSE if broken else "",
        now=at,
    )
