"""Quality of the bank's tables: dbt runs and Soda scans of the last ninety days as its pipelines send them.

May run again: a file that comes again is the same result. Results of Glue Data Quality are read by the workers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.freshness import FreshnessDay, FreshnessState
from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, PromiseKind, record_promise_state
from catalog.quality.actions import store_results
from catalog.quality.formats.reports import parse_report
from catalog.quality.intake import Sender, build_incoming, find_team_tables
from catalog.quality.models import QualityResult, QualitySource
from identity.people.models import Team
from kernel import clock

DAYS = 90
DBT_VERSION = "1.10.4"
DBT_SCHEMA = "https://schemas.getdbt.com/dbt/run-results/v6.json"
SODA_VERSION = "Soda Core 3.5.6"
LATE_DAYS = {
    "claims": {61: 7, 33: 4, 12: 9},
    "policies": {19: 31},
    "customer-360": {47: 40, 46: 64, 5: 29},
    "card-spend": {26: 27},
}
"""How old the data became on these days before today, in hours."""
CAUSE = "The pipeline ran late."


@dataclass(frozen=True)
class NightlyTests:
    """Tests of one table by `tool`: `not_null` and `unique` of columns, and `others` by name. `fails` fails every `every` nights."""

    table: str
    domain: str
    not_null: tuple[str, ...]
    unique: tuple[str, ...]
    others: tuple[str, ...] = ()
    fails: str = ""
    every: int = 0
    tool: QualitySource = QualitySource.DBT


TESTED = (
    NightlyTests(
        "insurance_gold.policies", "insurance", ("policy_id", "customer_id", "product_line"), ("policy_id",),
        ("accepted_values_policies_product_line", "relationships_policies_customer_id"), "relationships_policies_customer_id", 17,
    ),
    NightlyTests("insurance_gold.premium_income", "insurance", ("booking_month", "earned_premium"), (), ("accepted_range_premium_income_earned_premium",)),
    NightlyTests(
        "investments_gold.portfolio_performance", "investments", ("strategy",), (),
        ("accepted_range_portfolio_performance_sharpe_ratio",), "accepted_range_portfolio_performance_sharpe_ratio", 23,
    ),
    NightlyTests(
        "credit_cards_gold.card_spend", "credit-cards", ("spend_month",), (), ("row_count_card_spend",), "row_count_card_spend", 31,
    ),
    NightlyTests("investments_gold.trade_ledger", "investments", ("trade_id", "isin"), ("trade_id",)),
    NightlyTests("investments_silver.market_prices", "investments", ("isin", "price_date"), ()),
    NightlyTests("credit_cards_gold.merchant_summary", "credit-cards", ("merchant_id",), ("merchant_id",), ("accepted_range_merchant_summary_dispute_rate",)),
    NightlyTests("treasury_gold.fx_exposure", "treasury", ("exposure_id", "currency_pair"), ("exposure_id",)),
    NightlyTests("retail_banking_gold.customer_360", "retail-banking", ("customer_id", "segment"), ("customer_id",), tool=QualitySource.SODA),
    NightlyTests(
        "retail_banking_gold.account_balances", "retail-banking", ("account_id", "currency"), ("account_id",),
        ("row_count > 900",), "row_count > 900", 27, QualitySource.SODA,
    ),
    NightlyTests("retail_banking_gold.branch_performance", "retail-banking", ("branch_id", "month"), (), tool=QualitySource.SODA),
    NightlyTests("retail_banking_gold.mortgage_book", "retail-banking", ("mortgage_id", "outstanding"), ("mortgage_id",), tool=QualitySource.SODA),
    NightlyTests("treasury_gold.liquidity_coverage", "treasury", ("business_date",), (), ("expression_is_true_liquidity_coverage",)),
)  # fmt: skip


def seed_quality() -> int:
    """Returns how many results of dbt and Soda there are. Nothing before the first sync."""
    sent = QualityResult.objects.filter(ruleset__source__in={one.tool for one in TESTED})
    if not sent.exists():
        now = clock.now()
        for tests in TESTED:
            _send(tests, now)
    return sent.count()


def _send(tests: NightlyTests, now: datetime) -> None:
    team = Team.objects.get(domains__slug=tests.domain)
    sender = Sender([team.pk])
    tables = find_team_tables([tests.table], sender.teams)
    last = now.replace(hour=3, minute=12, second=0, microsecond=0)
    last -= timedelta(days=last > now)
    build_file = _build_scan if tests.tool is QualitySource.SODA else _build_run_results
    incoming = []
    for ago in reversed(range(DAYS)):
        file = build_file(tests, last - timedelta(days=ago), DAYS - ago)
        for report in parse_report(json.dumps(file).encode()):
            incoming += build_incoming([report], tables, sender, now)
    if incoming:
        store_results(incoming=incoming, now=now)


def _has_failed(tests: NightlyTests, test: str, night: int) -> bool:
    return test == tests.fails and night % tests.every < 2  # noqa: PLR2004 - mended on the second day


def _build_run_results(tests: NightlyTests, at: datetime, night: int) -> dict[str, Any]:
    """`run_results.json` as dbt writes it."""
    return {
        "metadata": {
            "dbt_schema_version": DBT_SCHEMA,
            "dbt_version": DBT_VERSION,
            "generated_at": at.isoformat(),
            "invocation_started_at": (at - timedelta(seconds=41)).isoformat(),
        },
        "results": list(_list_dbt_tests(tests, night)),
        "elapsed_time": 41.2,
    }


def _list_dbt_tests(tests: NightlyTests, night: int) -> Iterator[dict[str, Any]]:
    name = tests.table.partition(".")[2]
    names = [f"not_null_{name}_{column}" for column in tests.not_null]
    names += [f"unique_{name}_{column}" for column in tests.unique]
    for number, test in enumerate((*names, *tests.others)):
        failed = _has_failed(tests, test, night)
        yield {
            "status": "fail" if failed else "pass",
            "unique_id": f"test.harbour.{test}.{number:010x}",
            "failures": 3 + night % 11 if failed else 0,
            "compiled_code": f"select * from {tests.table}",  # noqa: S608 - text of a file
            "relation_name": None,
        }


def _build_scan(tests: NightlyTests, at: datetime, night: int) -> dict[str, Any]:
    """Scan results as Soda Core writes them."""
    return {
        "definitionName": f"{tests.table.partition('.')[2]} nightly",
        "scanStartTimestamp": (at - timedelta(seconds=26)).isoformat(),
        "scanEndTimestamp": at.isoformat(),
        "checks": list(_list_soda_checks(tests, night)),
        "logs": [{"message": SODA_VERSION}],
    }


def _list_soda_checks(tests: NightlyTests, night: int) -> Iterator[dict[str, Any]]:
    database, _, table = tests.table.partition(".")
    checks = [(f"missing_count({column}) = 0", column) for column in tests.not_null]
    checks += [(f"duplicate_count({column}) = 0", column) for column in tests.unique]
    for name, column in (*checks, *((other, None) for other in tests.others)):
        failed = _has_failed(tests, name, night)
        value = 0.0 if column else 880.0 if failed else 1200.0 + night
        wrong = {"greaterThan": 0.0, "lessThan": 0.0} if column else {"lessThanOrEqual": 900.0}
        yield {
            "name": name,
            "dataSource": database,
            "table": table,
            "column": column,
            "metrics": [name.partition(" ")[0].partition("(")[0]],
            "outcome": "fail" if failed else "pass",
            "diagnostics": {"value": value, "fail": wrong},
        }


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
