"""Quality of the bank's tables: dbt runs of the last ninety days as its pipelines send them.

May run again: a file that comes again is the same result. Results of Glue Data Quality are read by the workers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from audit import clock
from catalog.quality.actions import store_results
from catalog.quality.formats.reports import parse_report
from catalog.quality.intake import Sender, build_incoming
from catalog.quality.matching import find_team_tables
from catalog.quality.models import QualityResult
from catalog.quality.states import QualitySource
from identity.people.models import Team

DAYS = 90
VERSION = "1.10.4"
SCHEMA = "https://schemas.getdbt.com/dbt/run-results/v6.json"


@dataclass(frozen=True)
class DbtTests:
    """Tests of one model: `not_null` and `unique` of columns, and other ones by name. `fails` has failed every `every` nights."""

    table: str
    domain: str
    not_null: tuple[str, ...]
    unique: tuple[str, ...]
    others: tuple[str, ...] = ()
    fails: str = ""
    every: int = 0


MODELS = (
    DbtTests(
        "insurance_gold.policies", "insurance", ("policy_id", "customer_id", "product_line"), ("policy_id",),
        ("accepted_values_policies_product_line", "relationships_policies_customer_id"), "relationships_policies_customer_id", 17,
    ),
    DbtTests("insurance_gold.premium_income", "insurance", ("booking_month", "earned_premium"), (), ("accepted_range_premium_income_earned_premium",)),
    DbtTests(
        "investments_gold.portfolio_performance", "investments", ("strategy",), (),
        ("accepted_range_portfolio_performance_sharpe_ratio",), "accepted_range_portfolio_performance_sharpe_ratio", 23,
    ),
    DbtTests(
        "credit_cards_gold.card_spend", "credit-cards", ("spend_month",), (), ("row_count_card_spend",), "row_count_card_spend", 31,
    ),
    DbtTests("treasury_gold.liquidity_coverage", "treasury", ("business_date",), (), ("expression_is_true_liquidity_coverage",)),
)  # fmt: skip


def seed_quality() -> int:
    """Returns how many results of dbt there are. Nothing before the first sync."""
    of_dbt = QualityResult.objects.filter(ruleset__source=QualitySource.DBT)
    if not of_dbt.exists():
        now = clock.now()
        for model in MODELS:
            _send(model, now)
    return of_dbt.count()


def _send(model: DbtTests, now: datetime) -> None:
    team = Team.objects.get(domains__slug=model.domain)
    sender = Sender([team.pk])
    tables = find_team_tables([model.table], sender.teams)
    last = now.replace(hour=3, minute=12, second=0, microsecond=0)
    last -= timedelta(days=last > now)
    incoming = []
    for ago in reversed(range(DAYS)):
        at = last - timedelta(days=ago)
        for report in parse_report(json.dumps(_build_file(model, at, DAYS - ago)).encode()):
            incoming += build_incoming([report], tables, sender, now)
    if incoming:
        store_results(incoming=incoming, now=now)


def _build_file(model: DbtTests, at: datetime, night: int) -> dict[str, Any]:
    """`run_results.json` as dbt writes it."""
    return {
        "metadata": {
            "dbt_schema_version": SCHEMA,
            "dbt_version": VERSION,
            "generated_at": at.isoformat(),
            "invocation_started_at": (at - timedelta(seconds=41)).isoformat(),
        },
        "results": list(_list_tests(model, night)),
        "elapsed_time": 41.2,
    }


def _list_tests(model: DbtTests, night: int) -> Iterator[dict[str, Any]]:
    name = model.table.partition(".")[2]
    tests = [f"not_null_{name}_{column}" for column in model.not_null]
    tests += [f"unique_{name}_{column}" for column in model.unique]
    for number, test in enumerate((*tests, *model.others)):
        failed = test == model.fails and night % model.every < 2  # noqa: PLR2004 - mended on the second day
        yield {
            "status": "fail" if failed else "pass",
            "unique_id": f"test.harbour.{test}.{number:010x}",
            "failures": 3 + night % 11 if failed else 0,
            "compiled_code": f"select * from {model.table}",  # noqa: S608 - text of a file
            "relation_name": None,
        }
