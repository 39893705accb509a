"""Sums of costs. What has no price is counted apart, never as nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from catalog.products.may import list_owned_domains
from catalog.products.models import DataProduct
from identity.people.may import can_read_everything, get_team_ids
from identity.people.models import Person

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
    """The scans of one account or group. `amount` is None where no price is set."""

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
    """Build the sum from queries, scanned and billed bytes, currency and amount, as SQL sums them up."""
    queries, scanned, billed, currency, amount = row
    return ScanSum(
        int(queries), int(scanned), int(billed), currency, None if amount is None else Decimal(amount)
    )


OF_PRODUCTS = """of_products AS (
  SELECT link.product_id, base.catalog_id, base.name AS database, source.name AS "table"
    FROM catalog_producttable link JOIN catalog_table source ON source.id = link.table_id
    JOIN catalog_database base ON base.id = source.database_id WHERE link.product_id = ANY(%(products)s))"""
_READS = f"""
WITH said AS (
  SELECT catalog_id, database, "table", account, sum(reads) AS reads, max(day) AS last
    FROM catalog_usageday WHERE day >= %(since)s GROUP BY 1, 2, 3, 4),
{OF_PRODUCTS}
SELECT of_products.product_id, sum(said.reads), count(DISTINCT coalesce(account.team_id::text, said.account)), max(said.last)
  FROM of_products JOIN said USING (catalog_id, database, "table")
  LEFT JOIN identity_account account ON account.account_id = said.account GROUP BY 1"""  # noqa: S608 - no values


_DAILY_READS = f"""
WITH {OF_PRODUCTS}
SELECT of_products.product_id, said.day, sum(said.reads)
  FROM of_products JOIN catalog_usageday said USING (catalog_id, database, "table") WHERE said.day >= %(since)s GROUP BY 1, 2"""  # noqa: S608 - no values


class CostGroup(StrEnum):
    PRODUCT = "product"
    TEAM = "team"
    COST_CENTRE = "cost_centre"
    MONTH = "month"

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    CostGroup.PRODUCT: _("Data product"),
    CostGroup.TEAM: _("Team"),
    CostGroup.COST_CENTRE: _("Cost centre"),
    CostGroup.MONTH: _("Month"),
}
_KEYS = {
    CostGroup.PRODUCT: "of_products.product_id::text",
    CostGroup.TEAM: "account.team_id::text",
    CostGroup.COST_CENTRE: "coalesce(nullif(account.cost_centre, ''), nullif(team.cost_centre, ''))",
    CostGroup.MONTH: "to_char(said.day, 'YYYY-MM')",
}
_SUMS = f"""
WITH {PRICES}, {OF_PRODUCTS}, owned AS (
  SELECT DISTINCT catalog_id, database, "table" FROM of_products WHERE product_id = ANY(%(owned)s))
SELECT {{key}}, sum(said.queries), sum(said.scanned_bytes), sum(said.billed_bytes), price.currency, {AMOUNT}
  FROM catalog_queryday said JOIN identity_account account ON account.id = said.account_id
  JOIN identity_team team ON team.id = account.team_id LEFT JOIN owned USING (catalog_id, database, "table")
  {{products}} {PRICED}
 WHERE said.day >= %(since)s AND (%(all)s OR account.team_id = ANY(%(teams)s) OR owned.catalog_id IS NOT NULL)
   AND (%(team)s::bigint IS NULL OR account.team_id = %(team)s)
 GROUP BY 1, price.currency"""  # noqa: S608 - no values
_JOIN_PRODUCTS = 'LEFT JOIN of_products USING (catalog_id, database, "table")'


@dataclass(frozen=True)
class CostExtent:
    """What a person sees: everything, or what teams spent and what was spent on owned products."""

    sees_all: bool
    teams: frozenset[int]
    owned: frozenset[int]


@dataclass(frozen=True)
class CostRow:
    """`key` is the id of a product or team, a cost centre, or a month; None for tables of no product that the person may
    see, and for what has no cost centre.
    """

    key: str | None
    cost: Cost


def get_cost_extent(person: Person) -> CostExtent:
    owned = DataProduct.objects.filter(owner=person) | DataProduct.objects.filter(
        domain__in=list_owned_domains(person)
    )
    if can_read_everything(person):
        return CostExtent(True, frozenset(), frozenset())
    return CostExtent(False, get_team_ids(person), frozenset(owned.values_list("pk", flat=True)))


def list_costs(
    extent: CostExtent, group: CostGroup, since: date, products: Collection[int], team: int | None = None
) -> list[CostRow]:
    """The dearest first, months in order. `products` are ids of those that the person may see; `team` limits it to the
    accounts of one. One query.
    """
    joined = _JOIN_PRODUCTS if group is CostGroup.PRODUCT else ""
    said: dict[str, object] = {
        "products": sorted({*products, *extent.owned}),
        "owned": sorted(extent.owned),
        "since": since,
        "all": extent.sees_all,
        "teams": sorted(extent.teams),
        "team": team,
    }
    sums: dict[str | None, list[ScanSum]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(key=_KEYS[group], products=joined), said)  # type: ignore[arg-type]
        for key, *row in cursor.fetchall():
            sums[key].append(build_scan_sum(row))
    rows = [CostRow(key, add_costs(some)) for key, some in sums.items()]
    if group is CostGroup.MONTH:
        return sorted(rows, key=lambda row: row.key or "")
    return sorted(rows, key=lambda row: (-row.cost.billed_bytes, row.key or ""))


# How much each of many products is read. A table of several products counts for each.
@dataclass(frozen=True)
class ProductReads:
    """`teams` counts each account that is not connected as a team."""

    reads: int
    teams: int
    last: date


def list_product_reads(products: Collection[int], since: date) -> dict[int, ProductReads]:
    """By id; products without a known read are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_READS, {"products": list(products), "since": since})
        return {pk: ProductReads(int(reads), teams, last) for pk, reads, teams, last in cursor.fetchall()}


def list_daily_reads(products: Collection[int], since: date, until: date) -> dict[int, tuple[int, ...]]:
    """By id, the known reads of each day; products without any are left out. One query."""
    days = (until - since).days + 1
    counts: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DAILY_READS, {"products": list(products), "since": since})
        for pk, day, reads in cursor.fetchall():
            if day <= until:
                counts.setdefault(pk, [0] * days)[(day - since).days] = int(reads)
    return {pk: tuple(reads) for pk, reads in counts.items()}
