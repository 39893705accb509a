"""What the engine takes: planning, the calls and the time of many approved items, the way from a yes to its proof."""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fulfilment.intents.models import Intent
from lakeformation.access.base import Parties
from lakeformation.access.table_access import TableAccess
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import MAX_BATCH_ENTRIES
from lakeformation.planning.desired import IntentSpec, build_desired_state
from lakeformation.planning.plan import build_plan
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import DataCatalog
from tools.bench.engine.aws_calls import BareLoop, record_calls
from tools.bench.engine.environment import (
    COLUMNS,
    EngineEnvironment,
    consumer_account_id,
    engine_environment,
    measure_registrations,
)
from tools.bench.engine.worker_bench import measure_workers
from tools.bench.harness.timing import measure_seconds, measure_with_processor
from tools.bench.report import BenchReport, at_most
from workers.aws import sessions
from workers.gc_tuning import reduced_collection

HELP = "The engine: planning, the calls and the time of many approved items, the way from a yes to its proof."
CONSUMERS, TABLES = 40, 50
FEW_CONSUMERS = 4
PLANNED_WISHES = 10_000
PLAN_ROUNDS = 5
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PROOF_SAMPLES = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--part", action="append", choices=[*PARTS], help="this part alone")
    parser.add_argument(
        "--tables", type=int, default=TABLES, help=f"asked for by each role (default {TABLES})"
    )
    parser.add_argument("--scopes", type=int, help="share scopes of the part `workers`")
    parser.add_argument(
        "--setups", type=int, help="of the part `workers`, so many ways to run them, from the smallest on"
    )
    parser.add_argument("--seconds", type=float, help="for which a way to run workers is measured")
    parser.add_argument(
        "--earlier", type=Path, help="a checkout from before the workers ran by Celery, for its idle cost"
    )


def run(board: BenchReport, options: dict[str, Any]) -> None:
    """In a process that is set up as a worker is."""
    with reduced_collection():
        for part in options["part"] or PARTS:
            PARTS[part](board, options)


def measure_planning(board: BenchReport, _options: dict[str, Any]) -> None:
    """So many intents of one scope beside as many permissions held, of which half are right."""
    wishes = [_build_wish(number) for number in range(PLANNED_WISHES)]
    held = {permission: columns for wish in wishes for permission, columns in wish.approved}
    for wish in wishes[::2]:
        held[wish.access.table_permission[0]] = ColumnSet.include(["amount", "zone"])
    seen = Observation(
        held=held,
        locations=frozenset({"arn:aws:s3:::lake"}),
        tables={key: created for wish in wishes for key, created in wish.access.identities.items()},
        principals={wish.access.principal_arn: wish.access.parties.principal_id for wish in wishes},
    )

    def taken(anew: list[IntentSpec]) -> float:
        return measure_seconds(lambda: build_plan(build_desired_state(anew, seen, now=NOW), seen, anew).steps)

    # An IntentSpec keeps what was computed of it: each plan is of new ones, as a round begins with.
    least = min(taken([_build_wish(number) for number in range(PLANNED_WISHES)]) for _ in range(PLAN_ROUNDS))
    board.add_figure(
        f"plan of {PLANNED_WISHES:,} intents beside {len(held):,} permissions", least, "s", must=at_most(1.0)
    )


def _build_wish(number: int) -> IntentSpec:
    """Builds the intent of one in a hundred roles, on one in a hundred tables."""
    role, table = number % 100, number // 100
    parties = Parties(
        principal_arn=f"arn:aws:iam::{consumer_account_id(0)}:role/reader-{role}",
        principal_id=f"AROA{role}",
        consumer_catalog=DataCatalog(consumer_account_id(0), "eu-central-1"),
        owner_catalog=DataCatalog("100000000000", "eu-central-1"),
        catalog_short_name="bench",
        location_role="arn:aws:iam::100000000000:role/data-access",
    )
    access = TableAccess(
        parties=parties,
        database="shared",
        table=f"t_{table}",
        table_created="2026-01-01",
        columns=ColumnSet.include(COLUMNS[: 1 + number % len(COLUMNS)]),
        location=f"s3://lake/t_{table}/",
    )
    return IntentSpec(number + 1, access, replace(access).permissions)


def measure_items(board: BenchReport, options: dict[str, Any]) -> None:
    """Approved all at once, worked off by one worker; then the same calls by a bare loop, from the same seed."""
    tables = options["tables"]
    consumers = FEW_CONSUMERS if board.quick else CONSUMERS
    if board.quick:
        left = f"{CONSUMERS * TABLES:,} items over {CONSUMERS} accounts"
        board.skip(left, f"a quick run works off {consumers * tables} over {consumers}")
    with engine_environment(consumers, tables) as found:
        for reader in found.readers:
            for table in found.tables:
                found.request_and_approve(reader, table, f"{reader.pk}-{table.pk}")
        with record_calls() as record:
            sessions.clear_sessions()
            ours, used = measure_with_processor(found.run_due_rounds)
        _assert_proven(consumers * tables)
        found.aws.control("reset", {})
        bare, bare_used = measure_with_processor(BareLoop(found.aws.url, record).run)
    count = f"{consumers * tables:,} items over {consumers} accounts"
    least = board.add_figure(
        f"least possible writing calls for {count}", _count_least_writes(consumers, tables), "calls"
    )
    board.add_figure(
        "writing calls of the engine", len(record.writes), "calls", baseline=least, must=at_most(1.15)
    )
    board.add_figure("reading calls of the engine", len(record.calls) - len(record.writes), "calls")
    base = board.add_figure("the same calls by a bare boto3 loop", bare, "s")
    board.add_figure("the engine", ours, "s", baseline=base, must=at_most(1.5))
    base = board.add_figure("processor's time of the bare loop", bare_used, "s")
    board.add_figure("processor's time of the engine", used, "s", baseline=base)


def _count_least_writes(consumers: int, tables: int) -> int:
    """The owner's grants in full batches over all accounts; each account's link, and the grant on it."""
    entries = consumers * (tables + 1)
    return math.ceil(entries / MAX_BATCH_ENTRIES) + 2 * consumers


def _assert_proven(count: int) -> None:
    proven = Intent.objects.filter(presence=Intent.Presence.PRESENT).count()
    assert proven == count, f"{proven} of {count} are proven"


def measure_single_item(board: BenchReport, _options: dict[str, Any]) -> None:
    """A single table, granted by a worker that has nothing else to do, and that is woken at once."""
    with engine_environment(1, PROOF_SAMPLES + 1) as found:
        times = list(_measure_proofs(found))
    board.add_figure(
        "from the yes to the proof of one table, the slowest of five", max(times[1:]), "s", must=at_most(3.0)
    )


def _measure_proofs(found: EngineEnvironment) -> Iterator[float]:
    """The first, which registers the location and makes the link, is not like those after it."""
    for number, table in enumerate(found.tables):
        found.request_and_approve(found.readers[0], table, f"one-{number}")
        began = time.monotonic()
        while Intent.objects.exclude(presence=Intent.Presence.PRESENT).exists():
            found.run_due_rounds()
        yield time.monotonic() - began


PARTS: dict[str, Callable[[BenchReport, dict[str, Any]], None]] = {
    "planning": measure_planning,
    "items": measure_items,
    "one": measure_single_item,
    "registrations": measure_registrations,
    "workers": measure_workers,
}
