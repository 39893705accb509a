"""PostgreSQL, the pretend AWS, a broker and some workers in a folder that is thrown away; no web."""

import contextlib
import json
import math
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from io import StringIO
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import redis
from django.core.management import call_command
from django.db import connections

from background.task_table import DISPATCH_TASK, Queue
from demo import try_to_break_operations
from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION, REINSURANCE_REGION, WORKER_ROLE
from demo.embedded.child_process import kill_group, send_signal
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey
from demo.journey.cloud import Cloud
from demo.seed.accounts import seed_accounts
from demo.seed.people import seed_people
from demo.seed.products import seed_products
from demo.supervisor import programs
from demo.supervisor.programs import Part
from demo.supervisor.supervisor import Supervisor
from mocklake.testing.switches import Value
from tools.environment.aws_switches import get_listing_delay
from tools.environment.fork_server import START_NUMBER, ForkedWorker, ForkServer
from tools.environment.process_connections import use_aws, use_broker, use_database
from tools.environment.shared_postgres import SharedPostgres, create_schema, ignore_signals, shared_postgres

# Shorter than in production, in the same proportions: a kill costs a scope one lease.
ENGINE_VARIABLES = {
    "MESHMARKET_CALL_DEADLINE": "3",
    "MESHMARKET_LEASE": "4.2",
    "MESHMARKET_WORKER_TIMEOUT": "5",
    "MESHMARKET_SETTLE": "0.5",
    "MESHMARKET_SCAN_EVERY": "15",
    "MESHMARKET_CLAIM_EVERY": "0.2",
    "MESHMARKET_SWEEP_EVERY": "1",
    "MESHMARKET_CALLS_PER_SECOND": "50",
    "MESHMARKET_LOG_LEVEL": "WARNING",
    # Otherwise each start of a worker loads all pages for Django's checks.
    "CELERY_SKIP_CHECKS": "1",
}
CATALOGS = ((GOVERNANCE, REGION), (INSURANCE, REINSURANCE_REGION))
"""Account and region of those that grant."""
BEAT_COUNT = 2
PREFORK_WORKER = 1
"""Number of the worker that runs its tasks in child processes; the others run them in threads."""
_database_numbers = count(1)
EXTRA_DELAY = 0.2
"""Seconds that the workers wait beyond the time for which a listing may be late."""
POLL_SECONDS = 0.05
IGNORED_SECONDS = 5.0
"""Seconds after a pause within which such messages are taken."""


class WorkerEnvironment(Supervisor):
    """`before_sync` is called once the pretend AWS answers, to make what the mirror shall find there; `switches`
    say which way it goes.
    """

    uses_broker = True
    """Whether Celery workers and beat do the work, where a Valkey is found, or sweeps."""

    def __init__(
        self,
        folder: StateFolder,
        below: SharedPostgres,
        *,
        write_line: Callable[[str], None],
        before_sync: Callable[["WorkerEnvironment"], None],
        switches: Mapping[str, Value],
    ) -> None:
        super().__init__(folder, port=0, write_line=write_line)
        self._before_sync = before_sync
        self.switches = switches
        self._ground, self._postgres = below, below.postgres
        self.database = f"chaos_{next(_database_numbers)}"
        self.workers: list[Part] = []
        self.beats: list[Part] = []
        self.broker: Broker | None = None
        self.messages: MessageWatcher | None = None
        self._resources = contextlib.ExitStack()
        self._nursery: ForkServer | None = None

    def start(self) -> None:
        """Everything but the workers; raises EmbeddedError with one line. Call `stop` whatever happens."""
        self.service_urls = dict(self._postgres.urls(self.database))
        self._create_database()
        self.start_aws()
        self.cloud.control("switches", dict(self.switches))
        self.write_line("Filling the marketplace")
        # Done here and not by the command: a process of its own takes longer to begin than to do it.
        use_database(self.service_urls["MIGRATE_DATABASE_URL"])
        seed_people(self.folder.get_secret("p"))
        seed_accounts()
        use_database(self.web_url)
        self._before_sync(self)
        self.run_command("sync")
        seed_products()

    def _create_database(self) -> None:
        if self._ground.clone(self.database):
            return
        create_schema(
            self.superuser_url, lambda: self.run_command("migrate", "--verbosity", "0", process="owner")
        )
        self._ground.store_template(self.database)

    def run_command(self, name: str, *arguments: str, **options: Any) -> None:
        """A sync is done in this process: one of its own takes six times as long."""
        if name == "sync":
            self._sync(*arguments)
        else:
            super().run_command(name, *arguments, **options)

    def _sync(self, *arguments: str) -> None:
        keys = self.cloud.control(f"credentials?account={GOVERNANCE}&role={WORKER_ROLE}")
        use_database(self.service_urls["WORKER_DATABASE_URL"])
        with use_aws(self.aws_url, REGION, keys):
            call_command("sync", *arguments, stdout=StringIO())
        use_database(self.web_url)

    @property
    def superuser_url(self) -> str:
        return self._postgres.superuser_url(self.database)

    @property
    def web_url(self) -> str:
        """Where this process speaks as the people do."""
        return self.service_urls["DATABASE_URL"]

    @cached_property
    def cloud(self) -> Any:
        """One for all: it has read AWS's models."""
        return Cloud(self.aws_port, self.folder.path / "aws")

    def build_environment(self, process: str) -> dict[str, str]:
        delay = {"MESHMARKET_VISIBILITY_DELAY": f"{get_listing_delay(self.switches) + EXTRA_DELAY:g}"}
        return {**super().build_environment(process), **ENGINE_VARIABLES, **delay}

    def start_workers(self, count: int) -> None:
        """So many Celery workers with two beats, or so many sweeps; only from the main thread."""
        program = find_valkey() if self.uses_broker else None
        if program is None:
            self._start_parts(self.workers, (self.make_sweep(f"sweep-{number}") for number in range(count)))
            return
        self._start_own_broker(program)
        workers = (
            self.make_celery_worker(
                f"worker-{number}",
                pool="prefork" if number == PREFORK_WORKER else "threads",
                is_renamed=number % 2 == 0,
            )
            for number in range(count)
        )
        self._start_parts(self.workers, workers)
        beat = ["celery", *programs.build_beat_arguments()[2:]]
        self._start_parts(
            self.beats, (self.make_worker(f"beat-{number}", *beat) for number in range(BEAT_COUNT))
        )

    def _start_own_broker(self, program: Path) -> None:
        self.broker = Broker(self.folder, program)
        self.broker.start()
        self.service_urls["REDIS_URL"] = self.broker.url()
        self._resources.enter_context(use_broker(self.broker.url()))
        self.messages = MessageWatcher(self.broker, self.write_line)
        self.messages.start()

    def _start_parts(self, started: list[Part], parts: Iterable[Part]) -> None:
        for part in parts:
            started.append(part)
            part.start()

    def make_sweep(self, name: str, *, clock_offset: float = 0.0) -> Part:
        return self.make_worker(name, "sweep", clock_offset=clock_offset)

    def make_celery_worker(
        self, name: str, *, pool: str = "threads", is_renamed: bool = False, clock_offset: float = 0.0
    ) -> Part:
        """A Celery worker for all queues, not yet started. A renamed one has another name after each start, as a pod of
        Kubernetes has; others keep theirs.
        """
        node = f"{name}-{START_NUMBER}" if is_renamed else name
        arguments = programs.build_worker_arguments(node, ",".join(Queue))
        return self.make_worker(name, "celery", *arguments[2:], "--pool", pool, clock_offset=clock_offset)

    def make_worker(self, name: str, *command: str, clock_offset: float = 0.0) -> Part:
        """A process for a command of `manage.py`, or of Celery when it begins with `celery`, not yet started; its clock
        goes so many seconds ahead.
        """
        if self._nursery is None:
            self._nursery = ForkServer(self.folder, self.build_environment("worker"))
        return ForkedWorker(self._nursery, name, [*command], clock_offset)

    def kill_worker(self, worker: Part) -> None:
        """SIGKILL for the worker and its child processes, and another one in its place at once; only from the main
        thread.
        """
        if worker.pid is not None:
            kill_group(worker.pid)
        worker.start()

    @contextlib.contextmanager
    def pause_workers(self) -> Iterator[None]:
        """Nothing is taken from the broker inside the block."""
        groups = [worker.pid for worker in self.workers if worker.pid is not None and worker.is_running]
        for group in groups:
            send_signal(-group, signal.SIGSTOP)  # a negative number means the whole group
        try:
            with self.messages.ignore() if self.messages else contextlib.nullcontext():
                yield
        finally:
            for group in groups:
                send_signal(-group, signal.SIGCONT)

    def advance(self, seconds: int) -> None:
        """Moves the portal's and AWS's time ahead."""
        try_to_break_operations.advance_clock(self, {"seconds": seconds})

    def add_fault(self, **fault: Any) -> None:
        self.cloud.control("faults", fault)

    def clear_faults(self) -> None:
        self.cloud.control("faults", method="DELETE")

    def stop(self) -> None:
        for part in [*self.workers, *self.beats]:
            part.kill()
        if self._nursery is not None:
            self._nursery.close()
        if self.messages is not None:
            self.messages.stop()
        self._resources.close()
        if self.broker is not None:
            self.broker.stop()
        super().stop()
        self._ground.drop(self.database)


class SweepEnvironment(WorkerEnvironment):
    """A site without a broker."""

    uses_broker = False


@contextlib.contextmanager
def worker_environment(
    write_line: Callable[[str], None],
    before_sync: Callable[[WorkerEnvironment], None],
    environment_class: type[WorkerEnvironment] = WorkerEnvironment,
    *,
    switches: Mapping[str, Value] = MappingProxyType({}),
) -> Iterator[WorkerEnvironment]:
    """A started environment of that kind, on the shared PostgreSQL or its own; leaves nothing behind."""
    with shared_postgres(write_line) as below:
        folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-chaos-")))
        folder.acquire()
        stage = environment_class(
            folder, below, write_line=write_line, before_sync=before_sync, switches=switches
        )
        try:
            stage.start()
            use_database(stage.web_url)
            yield stage
        finally:
            with ignore_signals():
                connections.close_all()
                stage.stop()
                folder.wipe()
                folder.release()
                shutil.rmtree(folder.path, ignore_errors=True)


class Broker(Valkey):
    """Only the main thread may start it."""

    def __init__(self, folder: StateFolder, program: Path) -> None:
        super().__init__(folder, program)
        self._client: Any = redis.Redis.from_url(self.url(), socket_timeout=1.0)

    def flush(self) -> None:
        """Delete all messages, as after a failover to an empty replica."""
        self._client.flushall()

    def find_messages_sent_twice(self) -> list[str]:
        """Tasks that wait twice for one row. The web's `dispatch.run` and retries, which the broker holds back, do not
        count.
        """
        found: list[str] = []
        for queue in Queue:
            headers = [json.loads(message)["headers"] for message in self._client.lrange(queue, 0, -1)]
            counts = Counter(
                f"{header['task']} {header['argsrepr']}"
                for header in headers
                if header["task"] != DISPATCH_TASK and not header["eta"]
            )
            found += [message for message, count in counts.items() if count > 1]
        return found

    def stop(self) -> None:
        self._client.close()
        super().stop()


class MessageWatcher:
    """A thread that looks for tasks that wait twice in the broker for one row, from `start` to `stop`."""

    def __init__(self, broker: Broker, write_line: Callable[[str], None]) -> None:
        self._broker, self._write_line = broker, write_line
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_repeatedly, daemon=True)
        self._ignored_until = 0.0
        self.sent_twice: set[str] = set()
        self.look_count = 0

    @contextmanager
    def ignore(self) -> Iterator[None]:
        """For paused workers: what one has marked but not sent is sent by another, and by both in the end."""
        self._ignored_until = math.inf
        yield
        self._ignored_until = time.monotonic() + IGNORED_SECONDS

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _look_repeatedly(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            try:
                sent_twice = set(self._broker.find_messages_sent_twice())
            except (redis.RedisError, OSError):
                continue
            if time.monotonic() >= self._ignored_until:
                for message in sent_twice - self.sent_twice:
                    self._write_line(f"sent twice: {message}")
                self.sent_twice |= sent_twice
            self.look_count += 1
