"""Real workers and a real beat on a broker of their own."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import redis

from background.models import WorkerProcess
from background.task_table import Queue
from demo.bootstrap import ROOT
from demo.embedded.child_process import kill_group, read_activity, wait_until, wait_while_moving
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey

START_SECONDS = 60.0
VARIABLES = {
    "MESHMARKET_PROCESS": "worker",
    "MESHMARKET_CALL_DEADLINE": "3",
    "MESHMARKET_LEASE": "5",
    "MESHMARKET_SETTLE": "0.2",
    "MESHMARKET_VISIBILITY_DELAY": "0",
    "MESHMARKET_SWEEP_EVERY": "1",
    "MESHMARKET_LOG_LEVEL": "WARNING",
}
CELERY = (sys.executable, "-m", "celery", "-A", "marketplace.celery")


class CeleryProcesses:
    """Processes by name; each logs to a file of its name. `environment` says where the broker is."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start_worker(
        self,
        name: str = "one",
        *,
        pool: str = "threads",
        queues: str = ",".join(Queue),
        concurrency: int = 4,
        **variables: str,
    ) -> None:
        """Returns when its heartbeat is there. `variables` are added to its environment."""
        options = ["--hostname", f"{name}@test", "--pool", pool, "--queues", queues, "-c", str(concurrency)]
        self._start(name, "worker", *options, "--without-gossip", "--without-mingle", **variables)
        worker = WorkerProcess.objects.filter(name=f"{name}@test")
        assert wait_until(worker.exists, START_SECONDS), self.read_log(name)

    def start_beat(self, name: str = "beat") -> None:
        self._start(name, "beat", "--pidfile", "")

    def start_flower(self) -> Path:
        """Its API answers at the socket some seconds later."""
        address = self.folder / "flower.sock"
        self._start("flower", "flower", f"--unix-socket={address}")
        return address

    def _start(self, name: str, *arguments: str, **variables: str) -> None:
        environment = {**os.environ, **VARIABLES, **self.environment, **variables}
        with self._get_log_file(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*CELERY, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def read_log(self, name: str) -> str:
        return self._get_log_file(name).read_text()

    def stop(self, name: str) -> int:
        """Asks it to stop, and waits for as long as it works on; returns its exit code. One that hangs is killed with the others."""
        process, log = self.running[name], self._get_log_file(name)
        process.terminate()
        has_ended = wait_while_moving(
            name, lambda: process.poll() is not None, lambda: read_activity(process.pid, log)
        )
        assert has_ended, self.read_log(name)
        return self.running.pop(name).wait()

    def kill(self, name: str) -> None:
        """SIGKILL for the process and its children."""
        process = self.running.pop(name)
        kill_group(process.pid)
        process.wait()

    def kill_all(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def _get_log_file(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as broker:
            broker.flushall()


@contextlib.contextmanager
def celery_processes() -> Iterator[CeleryProcesses]:
    """None is running at first; all that run are killed at the end."""
    program = find_valkey()
    assert program is not None
    folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-celery-")))
    folder.acquire()
    valkey = Valkey(folder, program)
    processes = CeleryProcesses(folder.path, {"REDIS_URL": valkey.url()})
    try:
        valkey.start()
        yield processes
    finally:
        processes.kill_all()
        valkey.kill()
        folder.wipe()
        folder.release()
