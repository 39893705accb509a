"""Readings of the small bank's claims, as workers store them."""

from datetime import datetime, timedelta

from catalog.freshness import (
    ChangeTime,
    FreshnessSource,
    TableFreshness,
    assess_products,
    store_table_freshness,
)
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from kernel import clock
from tests.bank import Bank
from tests.database import as_role


def promise(bank: Bank, hours: int | None) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(freshness_hours=hours)
    bank.product.refresh_from_db()


def read_claims(
    bank: Bank,
    hours: float | None,
    source: FreshnessSource = FreshnessSource.S3_OBJECT,
    *,
    table: Table | None = None,
    trouble: str = "",
    now: datetime | None = None,
) -> TableFreshness:
    """The data is so many hours old; None if nothing is known."""
    at, table = now or clock.now(), table or bank.claims
    found = [] if hours is None else [ChangeTime(source, at - timedelta(hours=hours))]
    with as_role("meshmarket_worker"):
        row = store_table_freshness(table, found, trouble, at)
        assess_products(table, at)
    return row
