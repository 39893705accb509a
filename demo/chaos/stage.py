"""PostgreSQL, the pretend AWS and some workers in a folder that is thrown away; no web, no broker."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db import connections

from awsim.switches import Value
from demo import migrated_dump, operations
from demo.chaos.nursery import Forked, Nursery
from demo.chaos.ways import lateness
from demo.embedded import Postgres, StateFolder
from demo.journey.cloud import Cloud
from demo.seed import seed_accounts, seed_people, seed_products
from demo.speaking import speak_at
from demo.supervisor import Supervisor
from demo.supervisor_parts import Part

# Shorter than in production, in the same proportions: a kill costs a scope one lease.
TIMES = {
    "MESHMARKET_CALL_DEADLINE": "3",
    "MESHMARKET_LEASE": "4.2",
    "MESHMARKET_SETTLE": "0.5",
    "MESHMARKET_SCAN_EVERY": "5",
    "MESHMARKET_SWEEP_EVERY": "0.2",
    "MESHMARKET_CALLS_PER_SECOND": "50",
    "MESHMARKET_LOG_LEVEL": "WARNING",
}
CATALOGS = (("111111111111", "eu-central-1"), ("210000000002", "eu-west-1"))
"""Account and region of those that grant."""
EXECUTOR = "meshmarket-executor"
SPARE = 0.2
"""Seconds that the workers wait beyond the time for which a listing may be late."""


class Stage(Supervisor):
    """`before_sync` is called once the pretend AWS answers, to make what the mirror shall find there; `switches`
    say which way it goes.
    """

    def __init__(
        self,
        folder: StateFolder,
        *,
        say: Callable[[str], None],
        before_sync: Callable[["Stage"], None],
        switches: Mapping[str, Value],
    ) -> None:
        super().__init__(folder, port=0, say=say)
        self._before_sync = before_sync
        self.switches = switches
        self._postgres = Postgres(folder, durable=False)
        self.workers: list[Part] = []
        self._nursery: Nursery | None = None

    def start(self) -> None:
        """Everything but the workers; raises EmbeddedError with one line. Call `stop` whatever happens."""
        self.begin(self._postgres, "PostgreSQL")
        self.addresses = dict(self._postgres.urls())
        self.start_aws()
        self.cloud.control("switches", dict(self.switches))
        self.say("Filling the marketplace")
        if not migrated_dump.restored(self.superuser_url):
            self.run_command("migrate", "--verbosity", "0", process="owner")
            migrated_dump.keep(self.superuser_url)
        # Done here and not by the command: a process of its own takes longer to begin than to do it.
        speak_at(self.web_url)
        seed_people(self.folder.secret("p"))
        seed_accounts()
        self._before_sync(self)
        self.run_command("sync")
        seed_products()

    @property
    def superuser_url(self) -> str:
        return self._postgres.superuser_url("meshmarket")

    @property
    def web_url(self) -> str:
        """Where this process speaks as the people do."""
        return self.addresses["DATABASE_URL"]

    @property
    def cloud(self) -> Cloud:
        return Cloud(self.aws_port, self.folder.path / "aws")

    def environment(self, process: str) -> dict[str, str]:
        delay = {"MESHMARKET_VISIBILITY_DELAY": f"{lateness(self.switches) + SPARE:g}"}
        return {**super().environment(process), **TIMES, **delay}

    def start_workers(self, count: int) -> None:
        """So many processes that do what `manage.py sweep` does; only from the main thread."""
        for number in range(count):
            worker = self.worker(f"sweep-{number}", "sweep")
            self.workers.append(worker)
            worker.start()

    def worker(self, name: str, *command: str, ahead: float = 0.0) -> Part:
        """A process for a command of the workers', not yet started; its clock goes so many seconds ahead."""
        if self._nursery is None:
            self._nursery = Nursery(self.folder, self.environment("worker"))
        return Forked(self._nursery, name, [*command], ahead)

    def kill_worker(self, worker: Part) -> None:
        """SIGKILL for the worker, and another one in its place at once; only from the main thread."""
        if worker.pid is not None and worker.is_running:
            os.kill(worker.pid, signal.SIGKILL)
        worker.start()

    def advance(self, seconds: int) -> None:
        """Moves the portal's and AWS's time ahead."""
        operations.advance_clock(self, {"seconds": seconds})

    def fault(self, **fault: Any) -> None:
        self.cloud.control("faults", fault)

    def calm(self) -> None:
        self.cloud.control("faults", method="DELETE")

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
        if self._nursery is not None:
            self._nursery.close()
        super().stop()


@contextlib.contextmanager
def standing(
    say: Callable[[str], None],
    before_sync: Callable[[Stage], None],
    kind: type[Stage] = Stage,
    *,
    switches: Mapping[str, Value] = MappingProxyType({}),
) -> Iterator[Stage]:
    """A started stage of that kind; afterwards no process and no folder of it is left."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-chaos-")))
    folder.take()
    stage = kind(folder, say=say, before_sync=before_sync, switches=switches)
    try:
        stage.start()
        speak_at(stage.web_url)
        yield stage
    finally:
        connections.close_all()
        stage.stop()
        folder.wipe()
        folder.release()
        shutil.rmtree(folder.path, ignore_errors=True)
        for number, handler in handlers.items():
            signal.signal(number, handler)
