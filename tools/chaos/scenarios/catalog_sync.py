"""The part `sync` of chaos: readings of a catalog are killed on the way while its tables come, change and go.

What the mirror must hold is told by AWS's own list, and by what each table ever was; nothing here is of the sync.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg

from demo.bank.accounts import GOVERNANCE, REGION
from demo.embedded.waits import NotSeenError, wait_for
from demo.supervisor.programs import Part
from tools.chaos.report import PartReport, RunOptions
from tools.environment.worker_environment import WorkerEnvironment, worker_environment

DATABASE_NAME, TABLES_PER_DATABASE = "chaos_shelf_{:03}", 150
"""Tables in a database at the start: two pages of its list."""
CATALOG = "gov"
PAGE_SECONDS, SLOW_PAGE_SHARE = 0.05, 0.5
"""So much longer takes one page in two, so that they come in another order than they were asked for."""
MIN_CHANGES, TABLES_PER_CHANGE = 12, 200
"""One table in so many is changed between two readings, but not fewer."""
MAX_TRIES = 5
"""Readings for each kill: one that is done before its moment comes is none."""
START_SECONDS, POLL_SECONDS = 240.0, 0.02
KILL_TIME_FACTOR = 1.2
"""Moments of death are drawn from so many times what a reading takes that is left alone."""
_COUNT_STARTED = "SELECT count(*) FROM catalog_syncrun WHERE started_at IS NOT NULL"
_READ_DURATION = """SELECT extract(epoch FROM finished_at - started_at) FROM catalog_syncrun
WHERE outcome = 'done' ORDER BY id DESC LIMIT 1"""
_READ_MIRROR = """
SELECT d.name, t.name, ARRAY(SELECT c.name FROM catalog_column c WHERE c.table_id = t.id ORDER BY c.position),
  EXISTS (SELECT FROM catalog_document f WHERE f.id = t.id AND f.search IS NOT NULL)
FROM catalog_table t JOIN catalog_database d ON d.id = t.database_id
WHERE t.tombstoned_at IS NULL AND d.tombstoned_at IS NULL AND d.name = ANY(%s)"""
_NEVER_PAUSE = """
INSERT INTO catalog_syncsettings (catalog_id, pause_percent, events_queue_url)
SELECT id, 100, '' FROM identity_connectedcatalog ON CONFLICT DO NOTHING RETURNING id"""

TableName = tuple[str, str]
ColumnNames = tuple[str, ...]


def run_sync(asked: RunOptions, say: Callable[[str], None]) -> PartReport:
    """At the end an unbroken reading must bring exactly what AWS lists; on the way no table may be half of itself."""
    began = time.monotonic()
    report = PartReport("sync", asked.seed, requests=asked.requests)
    with worker_environment(say, lambda _stage: None, switches=asked.switches) as stage:
        shelf = ChangingTables(stage, asked.seed)
        say(f"Making {asked.requests:,} tables")
        shelf.fill(asked.requests)
        stage.run_command("sync", "--catalog", CATALOG)
        slow = {"kind": "latency", "operation": "GetTables", "rate": SLOW_PAGE_SHARE}
        stage.add_fault(**slow, milliseconds=int(1000 * PAGE_SECONDS))
        half = _kill_runs(asked, stage, shelf, report, say)
        stage.clear_faults()
        stage.run_command("sync", "--catalog", CATALOG)
        listed, mirrored = shelf.list_tables(), shelf.read_mirror()
    differing = sum(mirrored[name] != listed[name] for name in listed.keys() & mirrored.keys())
    report.lost = len(listed.keys() - mirrored.keys())
    report.extra = len(mirrored.keys() - listed.keys())
    report.wrong = len(half) + differing
    report.duplicate, report.statuses = shelf.duplicate_count, shelf.checked_count
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _kill_runs(
    asked: RunOptions,
    stage: WorkerEnvironment,
    shelf: "ChangingTables",
    report: PartReport,
    say: Callable[[str], None],
) -> set[TableName]:
    """Kills as many readings as asked, and tells the tables that were seen half written."""
    shelf.change()
    stage.run_command("sync", "--catalog", CATALOG)
    longest = shelf.measure_kill_window()
    half: set[TableName] = set()
    reader = stage.make_worker("sync", "sync", "--catalog", CATALOG)
    tries = 0
    while report.kills < asked.kills and tries < MAX_TRIES * asked.kills:
        shelf.change()
        if _kill_run(reader, shelf, longest):
            report.kills += 1
        else:
            # What else goes on here may have ended meanwhile, or begun.
            longest = shelf.measure_kill_window()
        half |= shelf.find_half_written()
        tries += 1
        if tries % max(1, asked.kills // 5) == 0:
            say(f"{report.kills} of {asked.kills} readings killed, {len(half)} tables half written")
    if report.kills < asked.kills:
        raise NotSeenError(f"Only {report.kills} of {asked.kills} kills met a reading, in {tries} readings.")
    return half


def _kill_run(reader: Part, shelf: "ChangingTables", longest: float) -> bool:
    """Starts a reading and kills it some time after it began, with changes in the meantime; False when it was done."""
    before = shelf.query(_COUNT_STARTED)[0][0]
    reader.start()
    try:
        wait_for(
            lambda: shelf.query(_COUNT_STARTED)[0][0] > before,
            START_SECONDS,
            "A reading did not begin",
            POLL_SECONDS,
        )
        moment = shelf.random.uniform(0, longest)
        time.sleep(moment / 2)
        shelf.change()
        time.sleep(moment / 2)
        return reader.is_running
    finally:
        reader.kill()


class ChangingTables:
    """Tables of a catalog that come, change and go by lot, with all that each ever was."""

    def __init__(self, stage: WorkerEnvironment, seed: int) -> None:
        self.random = random.Random(f"sync-{seed}")
        self.duplicate_count = self.checked_count = 0
        self._cloud, self._glue = stage.cloud, stage.cloud.root("glue", GOVERNANCE)
        self._address = stage.superuser_url
        self._ever: dict[TableName, set[ColumnNames]] = defaultdict(set)
        self._live: list[TableName] = []
        self._databases: list[str] = []
        self._made = 0

    def fill(self, tables: int) -> None:
        """Where so many go, no reading may wait for a person."""
        self.query(_NEVER_PAUSE)
        for number, start in enumerate(range(0, tables, TABLES_PER_DATABASE)):
            database = DATABASE_NAME.format(number)
            self._databases.append(database)
            self._glue.create_database(DatabaseInput={"Name": database, "CreateTableDefaultPermissions": []})
            self._create_tables(database, min(TABLES_PER_DATABASE, tables - start))

    def _create_tables(self, database: str, tables: int) -> None:
        names = [self._make_name(database) for _ in range(tables)]
        place = {"account": GOVERNANCE, "region": REGION, "DatabaseName": database}
        self._cloud.control(
            "change", {"do": "make_tables", **place, "TableInputs": list(map(self._build_input, names))}
        )
        self._live += names

    def change(self) -> None:
        """Some tables are altered, some dropped, some made, some dropped and made anew."""
        for _ in range(max(MIN_CHANGES, len(self._live) // TABLES_PER_CHANGE)):
            kinds = (self._alter_table, self._drop_table, self._recreate_table, self._create_table)
            # Of few tables all may be dropped.
            (self.random.choice(kinds) if self._live else self._create_table)()

    def list_tables(self) -> dict[TableName, ColumnNames]:
        """What AWS lists."""
        pages = self._glue.get_paginator("get_tables")
        return {
            (database, table["Name"]): tuple(c["Name"] for c in table["StorageDescriptor"]["Columns"])
            for database in self._databases
            for page in pages.paginate(DatabaseName=database)
            for table in page["TableList"]
        }

    def read_mirror(self) -> dict[TableName, ColumnNames]:
        """The live tables of the mirror; how many names stood there twice is added to `duplicate_count`."""
        rows = self.query(_READ_MIRROR, [self._databases])
        self.checked_count += len(rows)
        found = {(row[0], row[1]): tuple(row[2]) for row in rows}
        self.duplicate_count += len(rows) - len(found)
        return found

    def find_half_written(self) -> set[TableName]:
        """Tables of the mirror that are none that ever was, or that the search does not know."""
        rows = self.query(_READ_MIRROR, [self._databases])
        self.checked_count += len(rows)
        return {
            (row[0], row[1]) for row in rows if not row[3] or tuple(row[2]) not in self._ever[row[0], row[1]]
        }

    def measure_kill_window(self) -> float:
        """Seconds from which a moment of death is drawn, by what the last reading took that was left alone."""
        return KILL_TIME_FACTOR * float(self.query(_READ_DURATION)[0][0])

    def query(self, statement: str, given: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._address) as connection:
            return connection.execute(statement.encode(), given).fetchall()

    def _build_input(self, name: TableName) -> dict[str, Any]:
        columns = tuple(f"c_{self.random.randrange(1000)}_{at}" for at in range(self.random.randint(1, 30)))
        self._ever[name].add(columns)
        place = {"Columns": [{"Name": column, "Type": "string"} for column in columns]}
        return {"Name": name[1], "StorageDescriptor": place}

    def _make_name(self, database: str) -> TableName:
        self._made += 1
        return database, f"t_{self._made:06d}"

    def _create_table(self) -> None:
        name = self._make_name(self.random.choice(self._databases))
        self._glue.create_table(DatabaseName=name[0], TableInput=self._build_input(name))
        self._live.append(name)

    def _alter_table(self) -> None:
        name = self.random.choice(self._live)
        self._glue.update_table(DatabaseName=name[0], TableInput=self._build_input(name))

    def _drop_table(self) -> None:
        name = self._live.pop(self.random.randrange(len(self._live)))
        self._glue.delete_table(DatabaseName=name[0], Name=name[1])

    def _recreate_table(self) -> None:
        name = self.random.choice(self._live)
        self._glue.delete_table(DatabaseName=name[0], Name=name[1])
        self._glue.create_table(DatabaseName=name[0], TableInput=self._build_input(name))
