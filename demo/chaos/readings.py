"""The part `sync` of chaos: readings of a catalog are killed on the way while its tables come, change and go.

What the mirror must hold is told by AWS's own list, and by what each table ever was; nothing here is of the sync.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg

from demo.chaos.run import Asked, Report
from demo.chaos.stage import Stage, standing
from demo.embedded import EmbeddedError
from demo.embedded.process import wait_until
from demo.supervisor_parts import GOVERNANCE, Part

DATABASES = ("chaos_shelf_a", "chaos_shelf_b", "chaos_shelf_c")
TABLES = 150
"""In each database at the start: two pages of its list."""
CATALOG = "gov"
PAGE_SECONDS = 0.1
KILLS_A_SYNC = 5
"""A fifth of the kills that are asked for: each needs a process of its own."""
START_SECONDS = 240.0
LONGER = 1.2
"""Moments of death are drawn from so many times what a reading takes that is left alone."""
_BEGUN = "SELECT count(*) FROM catalog_syncrun WHERE started_at IS NOT NULL"
_TAKEN = "SELECT extract(epoch FROM finished_at - started_at) FROM catalog_syncrun ORDER BY id DESC LIMIT 1"
_MIRRORED = """
SELECT d.name, t.name, ARRAY(SELECT c.name FROM catalog_column c WHERE c.table_id = t.id ORDER BY c.position),
  EXISTS (SELECT FROM catalog_document f WHERE f.id = t.id AND f.search IS NOT NULL)
FROM catalog_table t JOIN catalog_database d ON d.id = t.database_id
WHERE t.tombstoned_at IS NULL AND d.tombstoned_at IS NULL AND d.name = ANY(%s)"""
_NEVER_PAUSE = """
INSERT INTO catalog_syncsettings (catalog_id, pause_percent, events_queue_url)
SELECT id, 100, '' FROM identity_connectedcatalog ON CONFLICT DO NOTHING RETURNING id"""

Name = tuple[str, str]
Columns = tuple[str, ...]


def readings(asked: Asked, say: Callable[[str], None]) -> Report:
    """At the end an unbroken reading must bring exactly what AWS lists; on the way no table may be half of itself."""
    began = time.monotonic()
    report = Report("sync", asked.seed, requests=len(DATABASES) * TABLES)
    with standing(say, lambda _stage: None, switches=asked.switches) as stage:
        shelf = Shelf(stage, asked.seed)
        shelf.fill()
        slow = {"kind": "latency", "operation": "GetTables", "rate": 1.0}
        stage.fault(**slow, milliseconds=int(1000 * PAGE_SECONDS))
        stage.run_command("sync", "--catalog", CATALOG)
        longest = LONGER * float(shelf.ask(_TAKEN)[0][0])
        half: set[Name] = set()
        reader = stage.worker("sync", "sync", "--catalog", CATALOG)
        for number in range(max(1, asked.kills // KILLS_A_SYNC)):
            shelf.change()
            report.kills += _killed_on_the_way(reader, shelf, longest)
            half |= shelf.half_written()
            if number % KILLS_A_SYNC == 0:
                say(f"{number + 1} readings, {report.kills} of them killed, {len(half)} tables half written")
        stage.calm()
        stage.run_command("sync", "--catalog", CATALOG)
        listed, mirrored = shelf.listed(), shelf.mirrored()
        report.lost = len(listed.keys() - mirrored.keys())
        report.extra = len(mirrored.keys() - listed.keys())
        report.wrong = len(half) + sum(
            mirrored[name] != listed[name] for name in listed.keys() & mirrored.keys()
        )
        report.duplicate = shelf.doubled
        report.statuses = shelf.looked_at
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _killed_on_the_way(reader: Part, shelf: "Shelf", longest: float) -> bool:
    """Starts a reading and kills it some time after it began, with changes in the meantime; False when it was done."""
    before = shelf.ask(_BEGUN)[0][0]
    reader.start()
    try:
        if not wait_until(lambda: shelf.ask(_BEGUN)[0][0] > before, START_SECONDS):
            raise EmbeddedError("A reading did not begin.")
        moment = shelf.lots.uniform(0, longest)
        time.sleep(moment / 2)
        shelf.change()
        time.sleep(moment / 2)
        return reader.is_running
    finally:
        reader.kill()


class Shelf:
    """Tables of a catalog that come, change and go by lot, with all that each ever was."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.lots = random.Random(f"sync-{seed}")
        self.doubled = self.looked_at = 0
        self._glue = stage.cloud.root("glue", GOVERNANCE)
        self._address = stage.superuser_url
        self._ever: dict[Name, set[Columns]] = defaultdict(set)
        self._made = 0

    def fill(self) -> None:
        """Where so many go, no reading may wait for a person."""
        self.ask(_NEVER_PAUSE)
        for database in DATABASES:
            self._glue.create_database(DatabaseInput={"Name": database, "CreateTableDefaultPermissions": []})
            for _ in range(TABLES):
                self._make(database)

    def change(self) -> None:
        """Some tables are altered, some dropped, some made, some dropped and made anew."""
        live = sorted(self.listed())
        for name in self.lots.sample(live, 12):
            deed = self.lots.choice((self._alter, self._drop, self._make_anew, self._another))
            deed(name)

    def listed(self) -> dict[Name, Columns]:
        """What AWS lists."""
        pages = self._glue.get_paginator("get_tables")
        return {
            (database, table["Name"]): tuple(c["Name"] for c in table["StorageDescriptor"]["Columns"])
            for database in DATABASES
            for page in pages.paginate(DatabaseName=database)
            for table in page["TableList"]
        }

    def mirrored(self) -> dict[Name, Columns]:
        """The live tables of the mirror; how many names stood there twice is added to `doubled`."""
        rows = self.ask(_MIRRORED, [list(DATABASES)])
        self.looked_at += len(rows)
        found = {(row[0], row[1]): tuple(row[2]) for row in rows}
        self.doubled += len(rows) - len(found)
        return found

    def half_written(self) -> set[Name]:
        """Tables of the mirror that are none that ever was, or that the search does not know."""
        rows = self.ask(_MIRRORED, [list(DATABASES)])
        self.looked_at += len(rows)
        return {
            (row[0], row[1]) for row in rows if not row[3] or tuple(row[2]) not in self._ever[row[0], row[1]]
        }

    def ask(self, statement: str, given: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._address) as connection:
            return connection.execute(statement.encode(), given).fetchall()

    def _input(self, name: Name) -> dict[str, Any]:
        columns = tuple(f"c_{self.lots.randrange(1000)}_{at}" for at in range(self.lots.randint(1, 30)))
        self._ever[name].add(columns)
        place = {"Columns": [{"Name": column, "Type": "string"} for column in columns]}
        return {"Name": name[1], "StorageDescriptor": place}

    def _make(self, database: str) -> None:
        self._made += 1
        name = (database, f"t_{self._made:05d}")
        self._glue.create_table(DatabaseName=database, TableInput=self._input(name))

    def _another(self, name: Name) -> None:
        self._make(name[0])

    def _alter(self, name: Name) -> None:
        self._glue.update_table(DatabaseName=name[0], TableInput=self._input(name))

    def _drop(self, name: Name) -> None:
        self._glue.delete_table(DatabaseName=name[0], Name=name[1])

    def _make_anew(self, name: Name) -> None:
        self._drop(name)
        self._glue.create_table(DatabaseName=name[0], TableInput=self._input(name))
