"""Lineage of the bank's tables: its pipeline sends events as OpenLineage's clients do. May run again: events do no harm twice."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.lineage.intake.actions import receive_events
from catalog.lineage.models import JobKind, LineageJob, LineageRun
from catalog.mirror.models import Table
from demo.bank.catalog import DATABASES
from demo.bank.definitions import Database
from demo.seed.people import find_person
from identity.people.models import Membership, Team
from identity.service_tokens import ServiceToken, TokenScope, create_service_token
from kernel import clock

DAYS, BATCH = 90, 500
PRODUCER = "https://git.harbour.example/platform/pipelines"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)
FAILING = timedelta(hours=5)
SPACE = uuid.UUID("6f1c6d7e-0e36-5c0f-9a5c-2f6f9b1f6d10")
"""Run ids are made of names in it, so that a second seed sends the same runs."""


@dataclass(frozen=True)
class DemoJob:
    """`inputs` are tables of the bank, or addresses. The runs of the last hours of `fails` failed. `sources` are columns with the
    table and column of which each is made.
    """

    name: str
    domain: str
    output: str
    inputs: tuple[str, ...]
    every: timedelta
    minutes: int
    kind: str = "GLUE JOB"
    fails: bool = False
    sources: tuple[tuple[str, str, str], ...] = ()


JOBS = (
    DemoJob("land_claims", "insurance", "insurance_bronze.claims_raw", ("s3://harbour-intake/claims/",), HOURLY, 2),
    DemoJob("clean_claims", "insurance", "insurance_silver.claims_clean", ("insurance_bronze.claims_raw",), HOURLY, 3),
    DemoJob(
        "settle_claims", "insurance", "insurance_gold.claims",
        ("insurance_silver.claims_clean", "insurance_gold.policies"), HOURLY, 4, "SPARK JOB", fails=True,
    ),
    DemoJob("build_policies", "insurance", "insurance_gold.policies", ("insurance_silver.policy_events",), DAILY, 9, "DBT MODEL"),
    DemoJob(
        "premium_income", "insurance", "insurance_gold.premium_income",
        ("insurance_gold.policies", "insurance_gold.claims"), DAILY, 6, "DBT MODEL",
    ),
    DemoJob("life_expectancy", "insurance", "insurance_gold.life_expectancy", ("insurance_gold.policies",), DAILY, 21, "SPARK JOB"),
    DemoJob("trade_ledger", "investments", "investments_gold.trade_ledger", ("investments_silver.trades_clean",), DAILY, 7),
    DemoJob(
        "client_positions", "investments", "investments_gold.client_positions",
        ("investments_gold.trade_ledger", "investments_silver.market_prices"), DAILY, 11, "DBT MODEL",
    ),
    DemoJob(
        "portfolio_performance", "investments", "investments_gold.portfolio_performance",
        ("investments_gold.client_positions", "investments_silver.market_prices"), DAILY, 8, "DBT MODEL",
    ),
    DemoJob(
        "customer_360", "retail_banking", "retail_banking_gold.customer_360",
        ("retail_banking_gold.account_balances", "retail_banking_silver.branch_visits", "insurance_gold.policies"),
        DAILY, 16, "SPARK JOB",
    ),
    DemoJob(
        "account_balances", "retail_banking", "retail_banking_gold.account_balances",
        ("retail_banking_silver.transactions_clean",), DAILY, 12,
    ),
    DemoJob(
        "card_spend", "credit_cards", "credit_cards_gold.card_spend", ("credit_cards_silver.authorisations_clean",), DAILY, 5,
        "DBT MODEL",
    ),
    DemoJob(
        "fraud_scores", "credit_cards", "credit_cards_gold.fraud_scores",
        ("credit_cards_silver.authorisations_clean", "credit_cards_silver.disputes"), DAILY, 18, "SPARK JOB",
    ),
    DemoJob(
        "liquidity_coverage", "treasury", "treasury_gold.liquidity_coverage",
        ("treasury_silver.cash_positions", "insurance_gold.claims", "insurance_gold.premium_income", "investments_gold.client_positions"),
        DAILY, 10, "DBT MODEL",
        sources=(("high_quality_assets", "investments_gold.client_positions", "market_value"),),
    ),
    DemoJob(
        "card_accounts", "credit_cards", "credit_cards_gold.card_accounts",
        ("credit_cards_silver.authorisations_clean", "retail_banking_gold.customer_360"), DAILY, 13, "SPARK JOB",
        sources=(
            ("credit_limit", "retail_banking_gold.customer_360", "churn_score"),
            ("card_product", "credit_cards_silver.authorisations_clean", "card_id"),
        ),
    ),
)  # fmt: skip
OWNERS = {
    "insurance": "jonas.weber",
}
"""Who makes the token of a domain's pipeline; else its first data owner."""


def seed_lineage() -> int:
    """Send the events of all runs that are not there. Returns how many jobs there are. Nothing before the first sync."""
    columns = _list_columns()
    if not LineageRun.objects.exists() and columns:
        now = clock.now()
        for domain in sorted({job.domain for job in JOBS}):
            team_id = _create_token(domain, now).team_id
            events = [
                event for job in JOBS if job.domain == domain for event in _list_events(job, columns, now)
            ]
            for start in range(0, len(events), BATCH):
                receive_events(team_id=team_id, events=events[start : start + BATCH], now=now)
    return LineageJob.objects.filter(kind=JobKind.PIPELINE).count()


def _list_columns() -> dict[str, list[str]]:
    """By `database.table`."""
    rows = Table.objects.filter(tombstoned_at=None).prefetch_related("columns").select_related("database")
    return {str(row): [column.name for column in row.columns.all()] for row in rows}


def _create_token(domain: str, now: datetime) -> ServiceToken:
    team = Team.objects.get(domains__slug=domain.replace("_", "-"))
    owners = Membership.objects.filter(team=team, role=Membership.Role.DATA_OWNER).select_related("person")
    owner = find_person(OWNERS[domain]) if domain in OWNERS else owners.order_by("pk")[0].person
    service_token = create_service_token(
        acting_user=owner, team_id=team.pk, name=f"{domain} pipeline", scopes=[TokenScope.LINEAGE_WRITE],
        expires_at=now + timedelta(days=180), now=now,
    )  # fmt: skip
    return service_token.token


def _list_events(job: DemoJob, columns: dict[str, list[str]], now: datetime) -> Iterator[dict[str, Any]]:
    """Lists events of the last ninety days; of hourly runs each of the last two days, and one a day before."""
    at = now.replace(minute=5, second=0, microsecond=0) - timedelta(days=DAYS)
    last = now - timedelta(minutes=job.minutes + 5)
    while at < last:
        yield from _list_run(job, at, columns, failed=job.fails and last - at <= FAILING)
        at += job.every if now - at <= timedelta(days=2) else DAILY


def _list_run(
    job: DemoJob, at: datetime, columns: dict[str, list[str]], *, failed: bool
) -> Iterator[dict[str, Any]]:
    took = timedelta(minutes=job.minutes, seconds=at.timetuple().tm_yday * 7 % 60)
    yield _build_event(job, at, timedelta(0), "START")
    error = {
        "errorMessage": {
            "message": "Stage 4 failed: no space left on device",
            "programmingLanguage": "PYTHON",
        }
    }
    if failed:
        yield _build_event(job, at, took, "FAIL", error=error)
    else:
        yield _build_event(job, at, took, "COMPLETE", output=_build_column_lineage(job, columns))


def _build_event(
    job: DemoJob,
    started: datetime,
    took: timedelta,
    state: str,
    *,
    output: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> dict[str, Any]:
    integration, _space, kind = job.kind.partition(" ")
    return {
        "eventType": state,
        "eventTime": (started + took).isoformat(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {
            "runId": str(uuid.uuid5(SPACE, f"{job.name} {started:%Y-%m-%dT%H}")),
            "facets": {"nominalTime": {"nominalStartTime": started.isoformat()}, **(error or {})},
        },
        "job": {
            "namespace": f"harbour/{job.domain}",
            "name": job.name,
            "facets": {
                "jobType": {"integration": integration, "jobType": kind, "processingType": "BATCH"},
                "sourceCodeLocation": {
                    "type": "git",
                    "url": f"https://git.harbour.example/{job.domain}/{job.name}",
                },
                "ownership": {"owners": [{"name": f"team:{job.domain}"}]},
            },
        },
        "inputs": [_build_dataset(name) for name in job.inputs],
        "outputs": [{**_build_dataset(job.output), "facets": output or {}}],
    }


def _build_dataset(name: str) -> dict[str, Any]:
    """Glue names it by its ARN, Spark by its address; of addresses the pipeline knows no table."""
    if name.startswith("s3://"):
        bucket, _slash, path = name.removeprefix("s3://").partition("/")
        return {"namespace": f"s3://{bucket}", "name": path}
    database = _find_database(name)
    table = name.partition(".")[2]
    return {
        "namespace": f"arn:aws:glue:{database.region}:{database.catalog}",
        "name": f"table/{database.name}/{table}",
    }


def _find_database(name: str) -> Database:
    return next(one for one in DATABASES if one.name == name.partition(".")[0])


def _build_column_lineage(job: DemoJob, columns: dict[str, list[str]]) -> dict[str, Any]:
    """Columns come from those of the same name; others from the first column of each input, by a computation."""
    fields = {}
    known = {name: columns.get(name, []) for name in job.inputs}
    for column in columns.get(job.output, []):
        said = [(name, source) for target, name, source in job.sources if target == column]
        same = [(name, column) for name, names in known.items() if column in names]
        kind = "IDENTITY" if same and not said else "TRANSFORMATION"
        sources = said or same or [(name, names[0]) for name, names in known.items() if names]
        if sources:
            fields[column] = {
                "inputFields": [
                    {
                        **_build_dataset(name),
                        "field": field,
                        "transformations": [{"type": "DIRECT", "subtype": kind}],
                    }
                    for name, field in sources
                ]
            }
    return {"columnLineage": {"fields": fields}} if fields else {}
