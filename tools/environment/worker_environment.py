"""PostgreSQL, the pretend AWS and some workers in a folder that is thrown away; no web, no broker."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from io import StringIO
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.core.management import call_command
from django.db import connections

from awsim.testing.switches import Value
from demo import operations
from demo.bank.accounts import GOVERNANCE, INSURANCE, REGION, REINSURANCE_REGION, WORKER_ROLE
from demo.embedded import database_dump
from demo.embedded.folder import StateFolder
from demo.journey.cloud import Cloud
from demo.seed.accounts import seed_accounts
from demo.seed.people import seed_people
from demo.seed.products import seed_products
from demo.supervisor.parts import Part
from demo.supervisor.supervisor import Supervisor
from tools.environment.aws_switches import lateness
from tools.environment.connections import aws_spoken_to, speak_at
from tools.environment.postgres import Ground, ground, undisturbed
from tools.environment.worker_fork import Forked, Nursery

# Shorter than in production, in the same proportions: a kill costs a scope one lease.
TIMES = {
    "MESHMARKET_CALL_DEADLINE": "3",
    "MESHMARKET_LEASE": "4.2",
    "MESHMARKET_SETTLE": "0.5",
    "MESHMARKET_SCAN_EVERY": "15",
    "MESHMARKET_CLAIM_EVERY": "0.2",
    "MESHMARKET_SWEEP_EVERY": "1",
    "MESHMARKET_CALLS_PER_SECOND": "50",
    "MESHMARKET_LOG_LEVEL": "WARNING",
}
CATALOGS = ((GOVERNANCE, REGION), (INSURANCE, REINSURANCE_REGION))
"""Account and region of those that grant."""
_numbers = count(1)
SPARE = 0.2
"""Seconds that the workers wait beyond the time for which a listing may be late."""


class Stage(Supervisor):
    """`before_sync` is called once the pretend AWS answers, to make what the mirror shall find there; `switches`
    say which way it goes.
    """

    def __init__(
        self,
        folder: StateFolder,
        below: Ground,
        *,
        say: Callable[[str], None],
        before_sync: Callable[["Stage"], None],
        switches: Mapping[str, Value],
    ) -> None:
        super().__init__(folder, port=0, say=say)
        self._before_sync = before_sync
        self.switches = switches
        self._ground, self._postgres = below, below.postgres
        self.database = f"chaos_{next(_numbers)}"
        self.workers: list[Part] = []
        self._nursery: Nursery | None = None

    def start(self) -> None:
        """Everything but the workers; raises EmbeddedError with one line. Call `stop` whatever happens."""
        self.addresses = dict(self._postgres.urls(self.database))
        self._make_database()
        self.start_aws()
        self.cloud.control("switches", dict(self.switches))
        self.say("Filling the marketplace")
        # Done here and not by the command: a process of its own takes longer to begin than to do it.
        speak_at(self.web_url)
        seed_people(self.folder.secret("p"))
        seed_accounts()
        self._before_sync(self)
        self.run_command("sync")
        seed_products()

    def _make_database(self) -> None:
        if self._ground.clone(self.database):
            return
        if not database_dump.restored(self.superuser_url):
            self.run_command("migrate", "--verbosity", "0", process="owner")
            database_dump.keep(self.superuser_url)
        self._ground.keep(self.database)

    def run_command(self, name: str, *arguments: str, **options: Any) -> None:
        """A sync is done in this process: one of its own takes six times as long."""
        if name == "sync":
            self._sync(*arguments)
        else:
            super().run_command(name, *arguments, **options)

    def _sync(self, *arguments: str) -> None:
        keys = self.cloud.control(f"credentials?account={GOVERNANCE}&role={WORKER_ROLE}")
        speak_at(self.addresses["WORKER_DATABASE_URL"])
        with aws_spoken_to(self.aws_url, REGION, keys):
            call_command("sync", *arguments, stdout=StringIO())
        speak_at(self.web_url)

    @property
    def superuser_url(self) -> str:
        return self._postgres.superuser_url(self.database)

    @property
    def web_url(self) -> str:
        """Where this process speaks as the people do."""
        return self.addresses["DATABASE_URL"]

    @cached_property
    def cloud(self) -> Any:
        """One for all: it has read AWS's models."""
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
        self._ground.drop(self.database)


@contextlib.contextmanager
def standing(
    say: Callable[[str], None],
    before_sync: Callable[[Stage], None],
    kind: type[Stage] = Stage,
    *,
    switches: Mapping[str, Value] = MappingProxyType({}),
) -> Iterator[Stage]:
    """A started stage of that kind, on the ground that stands or on one of its own; no process and no folder of it is left."""
    with ground(say) as below:
        folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-chaos-")))
        folder.take()
        stage = kind(folder, below, say=say, before_sync=before_sync, switches=switches)
        try:
            stage.start()
            speak_at(stage.web_url)
            yield stage
        finally:
            with undisturbed():
                connections.close_all()
                stage.stop()
                folder.wipe()
                folder.release()
                shutil.rmtree(folder.path, ignore_errors=True)
