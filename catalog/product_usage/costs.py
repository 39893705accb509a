"""Sums of costs. What has no price is counted apart, never as nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

TERABYTE = 2**40
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Amount:
    value: Decimal
    currency: str

    @property
    def text(self) -> str:
        """Rounded to cents; what is less than half a cent, but not nothing, is told as such."""
        if 0 < self.value < CENT / 2:
            return f"< {CENT} {self.currency}"
        return f"{self.value.quantize(CENT, ROUND_HALF_UP):,} {self.currency}"


@dataclass(frozen=True)
class Cost:
    """`amounts` by currency. `unpriced_bytes` were billed in accounts without a price. `is_known` is False if nothing is
    known: no history was read, or no scan has a price.
    """

    amounts: tuple[Amount, ...] = ()
    billed_bytes: int = 0
    unpriced_bytes: int = 0
    scanned_bytes: int = 0
    queries: int = 0

    @property
    def is_known(self) -> bool:
        return bool(self.amounts) or (self.queries > 0 and self.billed_bytes == 0)

    @property
    def is_partly_known(self) -> bool:
        return bool(self.amounts) and self.unpriced_bytes > 0


@dataclass(frozen=True)
class ScanSum:
    """Of one account or group. `amount` is None where no price is set."""

    queries: int
    scanned_bytes: int
    billed_bytes: int
    currency: str | None
    amount: Decimal | None


@dataclass
class _Totals:
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    billed: int = 0
    unpriced: int = 0
    scanned: int = 0
    queries: int = 0


def add_costs(sums: Iterable[ScanSum]) -> Cost:
    totals = _Totals()
    for one in sums:
        totals.billed += one.billed_bytes
        totals.scanned += one.scanned_bytes
        totals.queries += one.queries
        if one.currency is None or one.amount is None:
            totals.unpriced += one.billed_bytes
        elif one.billed_bytes:
            totals.amounts[one.currency] += one.amount
    amounts = tuple(Amount(value, currency) for currency, value in sorted(totals.amounts.items()))
    return Cost(amounts, totals.billed, totals.unpriced, totals.scanned, totals.queries)


PRICES = """prices AS (
  SELECT account_id, currency, per_terabyte, valid_from,
      lead(valid_from, 1, 'infinity') OVER (PARTITION BY account_id ORDER BY valid_from) AS valid_before
    FROM catalog_scanprice)"""
PRICED = """LEFT JOIN prices price ON price.account_id = said.account_id
  AND said.day >= price.valid_from AND said.day < price.valid_before"""
"""Joins the price to `said`, which has account_id and day."""
AMOUNT = f"sum(said.billed_bytes * price.per_terabyte) / {TERABYTE}"


def build_scan_sum(row: Sequence[Any]) -> ScanSum:
    """Of queries, scanned and billed bytes, currency and amount, as SQL sums them up."""
    queries, scanned, billed, currency, amount = row
    return ScanSum(
        int(queries), int(scanned), int(billed), currency, None if amount is None else Decimal(amount)
    )
