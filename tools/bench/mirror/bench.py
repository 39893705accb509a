"""What reading a catalog into the mirror takes, beside a bare boto3 listing of the same endpoint, by turns."""

import argparse
import hashlib
import json
import math
from functools import partial
from statistics import median
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from tools.bench import generated_catalog
from tools.bench.mirror import change_events, datahub_bench, pages_during_sync
from tools.bench.mirror.environment import MirrorEnvironment, mirror_environment
from tools.bench.report import BenchReport, Figure, at_most

HELP = (
    "The mirror of Glue: a full reading, one without changes, a little changed, growth, memory, correctness."
)
PARTS = ("sync", "pages", "datahub", "events", "large")
TABLES, QUICK_TABLES, LARGE_TABLES = 10_000, 2_000, (100_000, 1_000_000)
ROUNDS, CHANGE_ROUNDS = 3, 9
MICROSECONDS = 1e6
CHANGE_EVERY = 100
LARGE_SECONDS, EVENT_SECONDS, PAGES_SECONDS = 200, 25, 45
MAX_SECONDS = 40 * 60
"""Seconds that a large catalog may be expected to take; a larger one is left out."""
_READ_MIRROR = """SELECT d.name, t.name, t.description, t.owner, t.location, t.kind, t.glue_version, t.parameters,
  ARRAY(SELECT ARRAY[c.name, c.type, c.comment] FROM catalog_column c WHERE c.table_id = t.id ORDER BY c.position),
  EXISTS (SELECT FROM catalog_document f WHERE f.id = t.id AND f.visibility = 1
    AND f.search @@ to_tsquery('simple', split_part(t.name, '_', 2)))
FROM catalog_table t JOIN catalog_database d ON d.id = t.database_id
WHERE t.tombstoned_at IS NULL ORDER BY d.name, t.name"""


class TableCost(NamedTuple):
    """How many tables, and what one of them took."""

    tables: int
    figure: Figure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tables", type=int, help=f"of the small catalog (default {TABLES:,}, quick {QUICK_TABLES:,})"
    )
    parser.add_argument(
        "--large", type=int, nargs="+", default=LARGE_TABLES,
        help=f"of the large ones (default {' and '.join(f'{tables:,}' for tables in LARGE_TABLES)}, where there is time)",
    )  # fmt: skip
    parser.add_argument(
        "--part", action="append", choices=PARTS, help="this part alone, however long it takes"
    )
    parser.add_argument(
        "--rounds", type=int, help="of each measurement; the default depends on what is measured"
    )
    parser.add_argument(
        "--peer", default="", help="a Python that has acryl-datahub[glue]; without it a full run makes one"
    )


def run(board: BenchReport, options: dict[str, Any]) -> None:
    """The small catalog, then larger ones if there is time; then DataHub, which takes longest to have."""
    options["tables"] = options["tables"] or (QUICK_TABLES if board.quick else TABLES)
    parts = options["part"] or PARTS
    if not {"events"}.issuperset(parts):
        _measure_small(board, options)
    if "events" in parts and _may_run(board, options, "a change event, until it is found", EVENT_SECONDS):
        change_events.run(board, options["rounds"])


def _measure_small(board: BenchReport, options: dict[str, Any]) -> None:
    parts = options["part"] or PARTS
    with mirror_environment(options["tables"], options["seed"]) as here:
        small, mirrored = _measure_full_sync(board, here, options)
        if "sync" in parts:
            _measure_unchanged(board, here, options)
            _compare(board, here, options, "tables that differ from Glue", 0)
            _measure_few_changes(board, here, options)
        if "pages" in parts and _may_run(
            board, options, "pages while everything is read, and changes of rights", PAGES_SECONDS
        ):
            pages_during_sync.run(board, here, partial(_change_endpoint, here), options["rounds"])
        if "datahub" in parts:
            datahub_bench.run(board, here, options["peer"], mirrored)
    for tables in options["large"] if "large" in parts else ():
        if _has_time(board, tables, small):
            with mirror_environment(tables, options["seed"]) as here:
                small = _measure_growth(board, here, tables, small)


def _may_run(board: BenchReport, options: dict[str, Any], name: str, seconds: float) -> bool:
    """What is named as a part is measured however long it takes."""
    return bool(options["part"]) or board.has_time_for(name, seconds)


def _has_time(board: BenchReport, tables: int, last: TableCost) -> bool:
    """Whether a catalog of so many tables is measured, by what the one before took."""
    expected = 2 * last.figure.value * tables / MICROSECONDS
    name = f"a catalog of {tables:,} tables"
    if expected > MAX_SECONDS:
        board.skip(name, f"by what {last.tables:,} took it takes about {expected / 60:.0f} minutes")
        return False
    return board.has_time_for(name, max(expected, LARGE_SECONDS))


def _measure_full_sync(
    board: BenchReport, here: MirrorEnvironment, options: dict[str, Any]
) -> tuple[TableCost, Figure]:
    """Returns what a table took, and what all did."""
    tables, listed, mirrored, megabytes = options["tables"], [], [], 0.0
    for _ in range(options["rounds"] or (ROUNDS - 1 if board.quick else ROUNDS)):
        here.truncate_mirror()
        listed.append(here.measure_listing())
        done = here.sync()
        mirrored.append(done.seconds)
        megabytes = max(megabytes, done.megabytes)
    bare = board.add_figure("bare boto3 listing", min(listed), "s")
    whole = board.add_figure(
        "full mirror", min(mirrored), "s", baseline=bare, must=at_most(4), stretch=at_most(2)
    )
    board.add_figure("memory of the worker", megabytes, "MB", must=at_most(300))
    # The usual one, not the shortest: a larger catalog is read once, for so long that it has its share of slow moments.
    each = board.add_figure("full mirror, a table", MICROSECONDS * median(mirrored) / tables, "µs")
    return TableCost(tables, each), whole


def _measure_unchanged(board: BenchReport, here: MirrorEnvironment, options: dict[str, Any]) -> None:
    before, listed, seconds = here.count_written_rows(), [], []
    for _ in range(options["rounds"] or ROUNDS):
        listed.append(here.measure_listing())
        seconds.append(here.sync().seconds)
    bare = board.add_figure("bare boto3 listing again", min(listed), "s")
    board.add_figure(
        "sync without changes", min(seconds), "s", baseline=bare, must=at_most(1.5), stretch=at_most(0.5)
    )
    board.add_figure(
        "rows written without changes", here.count_written_rows() - before, "rows", must=at_most(0)
    )


def _measure_few_changes(board: BenchReport, here: MirrorEnvironment, options: dict[str, Any]) -> None:
    """One in a hundred differs, again in each round; by turns with nothing changed."""
    changed, same, wrong, every = [], [], 0, 0
    for _ in range(options["rounds"] or (ROUNDS if board.quick else CHANGE_ROUNDS)):
        every = 0 if every else CHANGE_EVERY
        _change_endpoint(here, every)
        done = here.sync()
        changed.append(done.seconds)
        wrong = max(wrong, abs(done.changed - -(-options["tables"] // CHANGE_EVERY)))
        same.append(here.sync().seconds)
    base = board.add_figure("nothing changed", min(same), "s")
    board.add_figure(
        "one table in a hundred changed",
        min(changed),
        "s",
        baseline=base,
        must=at_most(1.2),
        stretch=at_most(1.05),
    )
    board.add_figure("tables wrongly taken for changed", wrong, "tables", must=at_most(0))
    _compare(board, here, options, "fields that differ after changes", every)


def _measure_growth(board: BenchReport, here: MirrorEnvironment, tables: int, last: TableCost) -> TableCost:
    """A catalog larger than the last one; a table may take a fifth more for each ten times as many."""
    decades = math.log10(tables / last.tables)
    bare = board.add_figure(f"bare boto3 listing of {tables:,}", here.measure_listing(), "s")
    done = here.sync()
    board.add_figure(f"full mirror of {tables:,}", done.seconds, "s", baseline=bare)
    each = board.add_figure(
        f"full mirror of {tables:,}, a table", MICROSECONDS * done.seconds / tables, "µs", baseline=last.figure,
        must=at_most(1.2**decades), stretch=at_most(1.05**decades),
    )  # fmt: skip
    board.add_figure(f"memory of the worker at {tables:,}", done.megabytes, "MB", must=at_most(300))
    again = here.sync()
    board.add_figure(
        f"sync of {tables:,} without changes", again.seconds, "s", baseline=bare, must=at_most(1.5)
    )
    return TableCost(tables, each)


def _change_endpoint(here: MirrorEnvironment, each: int) -> None:
    with urlopen(Request(f"{here.endpoint.url}/_changed", str(each).encode())) as answer:  # noqa: S310
        answer.read()


def _compare(
    board: BenchReport, here: MirrorEnvironment, options: dict[str, Any], name: str, changed_each: int
) -> None:
    """The mirror against what the endpoint lists, field by field, and each table found by a word of its name."""
    listed = sorted(
        (
            _to_mirror_row(each)
            for each in generated_catalog.generate_tables(
                options["tables"], seed=options["seed"], change_every=changed_each
            )
        ),
        key=lambda row: (row[0], row[1]),
    )
    stored = [(*row[:7], row[7], row[8], row[9]) for row in here.query(_READ_MIRROR)]
    differing = sum(_hash(one) != _hash(other) for one, other in zip(listed, stored, strict=False))
    differing += abs(len(listed) - len(stored))
    board.add_figure(name, differing, "tables", must=at_most(0))


def _to_mirror_row(table: dict[str, Any]) -> tuple[Any, ...]:
    storage = table["StorageDescriptor"]
    columns = [[column["Name"], column["Type"], column["Comment"]] for column in storage["Columns"]]
    return (
        table["DatabaseName"], table["Name"], table["Description"], table["Owner"], storage["Location"],
        table["TableType"], table["VersionId"], table["Parameters"], columns, True,
    )  # fmt: skip


def _hash(row: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
