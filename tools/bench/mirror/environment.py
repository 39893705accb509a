"""Where `bench mirror` measures: a PostgreSQL of its own, a connected catalog, and workers as processes."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from demo.embedded.child_process import EmbeddedError
from demo.embedded.postgres import Postgres
from tools.bench.generated_catalog import ACCOUNT
from tools.bench.harness.servers import (
    Server,
    build_django_environment,
    migrated_postgres,
    run_module_server,
)
from tools.bench.harness.subprocesses import build_environment, run_program

UNLIMITED = "1000000"
CATALOG = "bench"
_INSERT_ROWS = f"""
INSERT INTO identity_team (slug, name) VALUES ('bench', 'Bench');
INSERT INTO identity_account (account_id, name, partition, region, team_id, line_of_business, cost_centre,
  environment, is_governance, is_producer, is_consumer, in_organisation, observer_role_arn, executor_role_arn, external_id, table_links)
SELECT '{ACCOUNT}', 'Bench', 'aws', 'eu-central-1', id, '', '', 'sandbox', true, true, true, true,
  'arn:aws:iam::{ACCOUNT}:role/observer', 'arn:aws:iam::{ACCOUNT}:role/executor', 'bench', '{{}}' FROM identity_team;
INSERT INTO identity_connectedcatalog (account_id, region, path, kind, short_name, location_role_arn, holds_new_columns)
SELECT id, 'eu-central-1', '', 'governance', '{CATALOG}', '', false FROM identity_account;
INSERT INTO catalog_syncsettings (catalog_id, pause_percent, events_queue_url)
SELECT id, 100, '' FROM identity_connectedcatalog;"""  # noqa: S608
_TRUNCATE_MIRROR = """TRUNCATE catalog_document, catalog_facetcount, catalog_column, catalog_schemachange, catalog_table, catalog_database, catalog_syncproblem,
  catalog_syncrun, catalog_indexedword, catalog_lexemecount, catalog_lexemechange, catalog_producttable, catalog_resourcelink, catalog_location CASCADE"""
_READ_LAST_RUN = """SELECT outcome, error, tables, changed, tombstoned, extract(epoch FROM finished_at - started_at)::float
FROM catalog_syncrun ORDER BY id DESC LIMIT 1"""
_COUNT_WRITTEN = """SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables
WHERE relname LIKE 'catalog\\_%' AND relname <> 'catalog_syncrun'"""


@dataclass(frozen=True)
class SyncFigures:
    """One run as its row tells it, and the most memory that its process took."""

    tables: int
    changed: int
    tombstoned: int
    seconds: float
    megabytes: float


class MirrorEnvironment:
    """One database and one endpoint."""

    def __init__(self, postgres: Postgres, endpoint: Server, tables: int) -> None:
        self._postgres, self.endpoint, self.tables = postgres, endpoint, tables

    @property
    def superuser_url(self) -> str:
        return self._postgres.superuser_url("meshmarket")

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """As the superuser."""
        with psycopg.connect(self.superuser_url) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def prepare(self) -> None:
        self.query(_INSERT_ROWS)

    def truncate_mirror(self) -> None:
        self.query(_TRUNCATE_MIRROR)

    def sync(self) -> SyncFigures:
        """`manage.py sync` as a process of its own; EmbeddedError when its run is not done."""
        megabytes = self._run_command("sync", "--catalog", CATALOG)
        outcome, error, tables, changed, tombstoned, seconds = self.query(_READ_LAST_RUN)[0]
        if outcome != "done":
            raise EmbeddedError(f"The sync {outcome}: {error}")
        return SyncFigures(tables, changed, tombstoned, seconds, megabytes)

    def measure_listing(self) -> float:
        """Seconds that a bare boto3 listing takes, in a process of its own."""
        program = [sys.executable, "-m", "tools.bench.mirror.boto3_listing", self.endpoint.url]
        return float(json.loads(run_program(program, build_environment()))["seconds"])

    def count_written_rows(self) -> int:
        """Rows of the mirror that were written so far, by PostgreSQL's own counters."""
        return int(self.query(_COUNT_WRITTEN)[0][0])

    def build_web_environment(self) -> dict[str, str]:
        """The environment of a site on this database, by plain http."""
        return self._build_environment() | {"MESHMARKET_PROCESS": "web", "MESHMARKET_SECURE_COOKIES": "false"}

    def _run_command(self, *arguments: str) -> float:
        """The most megabytes that it took."""
        said = run_program(
            [sys.executable, "-m", "tools.bench.harness.peak_memory", *arguments], self._build_environment()
        )
        return float(said.splitlines()[-1])

    def _build_environment(self) -> dict[str, str]:
        return {
            **build_django_environment(self._postgres),
            "MESHMARKET_READS_PER_SECOND": UNLIMITED,
            "MESHMARKET_READ_BURST": UNLIMITED,
            "AWS_ENDPOINT_URL": self.endpoint.url,
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
        }


@contextmanager
def mirror_environment(tables: int, seed: int) -> Iterator[MirrorEnvironment]:
    """A database with one connected catalog, and an endpoint that lists so many tables."""
    program = ["-m", "tools.bench.mirror.glue_endpoint", "--tables", str(tables), "--seed", str(seed)]
    with (
        migrated_postgres(shared_buffers="512MB") as postgres,
        run_module_server("glue", program) as endpoint,
    ):
        made = MirrorEnvironment(postgres, endpoint, tables)
        made.prepare()
        yield made
