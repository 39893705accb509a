"""Starts the demo's parts in order, keeps them alive, stops them in order. The main thread alone starts children."""

import http
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from demo.bootstrap import ROOT
from demo.embedded.child_process import SILENCE_SECONDS, Child, EmbeddedError, wait_until_ended
from demo.embedded.ports import HOST, check_port_free, get_stable_port
from demo.embedded.postgres import URL_VARIABLES, Postgres
from demo.embedded.schema import Schema
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey
from demo.supervisor import programs
from demo.supervisor.control_socket import SupervisorSocket
from demo.supervisor.programs import Part, Program
from kernel.backoff import compute_backoff

STOP_ORDER = ("web", "beat", "worker", "worker-others", "sweep", "mail", "mocklake", "valkey", "postgres")
STABLE_SECONDS = 30.0
MAX_BACK_OFF = 30.0
# Which addresses a process gets: no more than its role needs.
PROCESS_VARIABLES = {
    "web": ("DATABASE_URL",),
    "worker": ("WORKER_DATABASE_URL", "SEALER_DATABASE_URL"),
    "owner": ("MIGRATE_DATABASE_URL",),
    "all": tuple(URL_VARIABLES),
}
Result = TypeVar("Result")
SECONDS = 2.0


@dataclass
class ManagedPart:
    """A part with what the supervisor remembers of it."""

    part: Part
    started: float = 0.0
    restarts: int = 0
    failures: int = 0
    restart_at: float | None = None


class Supervisor:
    """The demo's processes on one state folder.

    `write_line` gets a line a stage and restart; `before_migrate` are called when the database answers,
    `after_migrate` once the schema stands and before workers start, `during_web_start` while the web starts, before the
    workers do and when the pretend AWS answers.
    """

    def __init__(
        self,
        folder: StateFolder,
        *,
        port: int,
        write_line: Callable[[str], None],
        before_migrate: Sequence[Callable[["Supervisor"], None]] = (),
        after_migrate: Sequence[Callable[["Supervisor"], None]] = (),
        during_web_start: Sequence[Callable[["Supervisor"], None]] = (),
    ) -> None:
        self.folder = folder
        self.port = port
        self.write_line = write_line
        self.aws_port = 0
        self.mail_port = 0
        self.service_urls: dict[str, str] = {}
        self._before_migrate = before_migrate
        self._after_migrate, self._meanwhile = after_migrate, during_web_start
        self._managed: dict[str, ManagedPart] = {}
        self._errands: dict[Child, str] = {}
        self._queue: queue.Queue[Callable[[], None]] = queue.Queue()
        self._socket: SupervisorSocket | None = None
        self._snapshot_watch: SnapshotWatch | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self.aws_port}"

    @property
    def socket_path(self) -> Path:
        return self.folder.sockets / "supervisor.sock"

    # Starting

    def start(self) -> None:
        """All parts in order; raises EmbeddedError with one line. Call `stop` whatever happens."""
        check_port_free(self.port)
        self.launch_aws()
        self.start_mail()
        self._start_database()
        self._start_broker()
        for hook in self._before_migrate:
            hook(self)
        self._migrate()
        for hook in self._after_migrate:
            hook(self)
        self._start_web()
        self._wait_until_ready("mocklake")
        for hook in self._meanwhile:
            hook(self)
        self._start_workers()
        self._wait_until_ready("web")

    def _migrate(self) -> None:
        """A database of our own that these migrations made, or a dump of them, needs no `migrate`."""
        postgres = self._managed.get(Postgres.name)
        if postgres and isinstance(postgres.part, Postgres):
            Schema(postgres.part, self._run_migrate).bring_up_to_date()
        else:
            self._run_migrate()

    def _run_migrate(self) -> None:
        self.write_line("Migrating the database")
        self.run_command("migrate", "--verbosity", "0", process="owner")

    def _start_database(self) -> None:
        given = os.environ.get("DATABASE_URL")
        if given:
            self.service_urls = {name: os.environ.get(name, given) for name in URL_VARIABLES}
            return
        postgres = Postgres(self.folder)
        self.start_part(postgres, "PostgreSQL")
        self.service_urls = dict(postgres.urls())

    def _start_broker(self) -> None:
        given, program = os.environ.get("REDIS_URL"), find_valkey()
        if given:
            self.service_urls["REDIS_URL"] = given
        elif program is None:
            self.write_line("No broker here: the sweep works alone")
        else:
            valkey = Valkey(self.folder, program)
            self.start_part(valkey, "Valkey")
            self.service_urls["REDIS_URL"] = valkey.url()

    def start_aws(self) -> None:
        self.launch_aws()
        self._wait_until_ready("mocklake")

    def launch_aws(self) -> None:
        """Returns before the pretend AWS answers."""
        self.aws_port = get_stable_port(self.folder.path / "aws-port")
        arguments, environment = self.build_mocklake_arguments(), programs.build_environment(self.folder)
        self._launch(
            programs.make_program(
                self.folder,
                "mocklake",
                arguments,
                environment,
                lambda: programs.is_mocklake_ready(self.aws_port),
            ),
            "the pretend AWS",
        )
        self._snapshot_watch = SnapshotWatch(self.aws_port, self.write_line)
        self._snapshot_watch.start()

    def start_mail(self) -> None:
        """A mail server that sends nothing on; `demo.pages.caught_mail` shows what it caught."""
        self.mail_port = get_stable_port(self.folder.path / "mail-port")
        arguments = ["-m", "demo.embedded.mail_catcher", str(self.mail_port), str(self.folder.path / "mail")]
        environment = programs.build_environment(self.folder)
        self.start_part(programs.make_program(self.folder, "mail", arguments, environment), "a mail catcher")

    def build_mocklake_arguments(self) -> list[str]:
        return programs.build_mocklake_arguments(self.folder, self.aws_port)

    def _start_workers(self) -> None:
        environment = self.build_environment("worker")
        if "REDIS_URL" not in self.service_urls:
            sweep = programs.make_program(self.folder, "sweep", ["manage.py", "sweep"], environment)
            self.start_part(sweep, "the sweep")
            return
        for name, queues in programs.WORKER_QUEUES.items():
            arguments = programs.build_worker_arguments(name, queues)
            worker = programs.make_program(self.folder, name, arguments, environment)
            self.start_part(worker, f"a worker for {queues}")
        beat = programs.make_program(self.folder, "beat", programs.build_beat_arguments(), environment)
        self.start_part(beat, "beat")

    def _start_web(self) -> None:
        self.open_socket()
        environment = {**self.build_environment("web"), "MESHMARKET_SUPERVISOR_SOCKET": str(self.socket_path)}
        arguments = programs.build_web_arguments(self.port)
        self._launch(
            programs.make_program(
                self.folder, "web", arguments, environment, lambda: programs.is_web_ready(self.port)
            ),
            "the web",
        )

    def open_socket(self) -> None:
        self._socket = SupervisorSocket(self, self.socket_path)

    def start_part(self, part: Part, title: str) -> None:
        self.write_line(f"Starting {title}")
        self._managed[part.name] = kept = ManagedPart(part)
        part.start()
        kept.started = time.monotonic()

    def _launch(self, part: Program, title: str) -> None:
        """`start_part` that does not wait: what is not needed yet starts beside what is done until then."""
        self.write_line(f"Starting {title}")
        self._managed[part.name] = ManagedPart(part, time.monotonic())
        part.launch()

    def _wait_until_ready(self, name: str) -> None:
        """Waits until a launched part is ready; one that was not launched here is not ours to wait for."""
        kept = self._managed.get(name)
        if kept and isinstance(kept.part, Program):
            kept.part.wait_until_ready()

    def build_environment(self, process: str) -> dict[str, str]:
        """What a child of that kind (web, worker, owner, all) gets; only those that act have AWS keys."""
        environment = programs.build_environment(self.folder)
        environment.update({name: self.service_urls[name] for name in PROCESS_VARIABLES[process]})
        if "REDIS_URL" in self.service_urls:
            environment["REDIS_URL"] = self.service_urls["REDIS_URL"]
        if process in {"worker", "all"}:
            environment.update(self.build_aws_environment())
        if self.mail_port:
            environment["MESHMARKET_MAIL_URL"] = f"smtp://{HOST}:{self.mail_port}"
            environment["MESHMARKET_CAUGHT_MAIL"] = str(self.folder.path / "mail")
        environment["MESHMARKET_URL"] = self.url
        if process != "all":
            environment["MESHMARKET_PROCESS"] = process
        return environment

    def build_aws_environment(self) -> dict[str, str]:
        """Where the AWS of those that act is, and as whom they speak to it."""
        return {**programs.fetch_worker_keys(self.folder, self.aws_port), "AWS_ENDPOINT_URL": self.aws_url}

    def run_command(
        self,
        name: str,
        *arguments: str,
        process: str = "all",
        extra_environment: Mapping[str, str] | None = None,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        """Runs a management command to its end in a child; raises EmbeddedError with its last line."""
        child = Child(
            f"manage.py {name}",
            [sys.executable, "manage.py", name, *arguments],
            log=self.folder.log_file(name),
            environment={**self.build_environment(process), **(extra_environment or {})},
            folder=ROOT,
        )
        child.start()
        try:
            wait_until_ended(child, silence, self.list_service_pids())
        finally:
            child.kill()
        if child.exit_code:
            raise EmbeddedError(f"manage.py {name} failed: {child.read_last_log_line()} (log: {child.log})")

    def list_service_pids(self) -> list[int]:
        """Lists the servers that a command waits for while they work: a migration lets PostgreSQL do it."""
        parts = (self._managed[name].part for name in (Postgres.name, "mocklake") if name in self._managed)
        return [part.pid for part in parts if part.pid is not None]

    # Keeping

    def serve(
        self, task: Callable[["Supervisor"], Result] | None = None, *, once: bool = False
    ) -> Result | None:
        """Keeps the parts alive until a signal, or with `once` until `task`, run in a thread, has ended.

        An error of `task` is raised with `once`, and written as a line otherwise.
        """
        work: Future[Result] = Future()
        if not once:
            work.add_done_callback(lambda done: self._write_task_error(done.exception()))
        if task is not None:
            threading.Thread(target=resolve_future, args=(work, task, self), daemon=True).start()
        while not (once and work.done()):
            self._run_queued(0.2)
            for kept in self._managed.values():
                self._keep_alive(kept)
            self._check_errands()
        return work.result() if work.done() else None

    def start_errand(self, child: Child, done: str) -> None:
        """Starts what ends by itself, beside the parts; says `done` once it has, or its last words when it failed."""
        child.start()
        self._errands[child] = done

    def _check_errands(self) -> None:
        for child in [errand for errand in self._errands if not errand.is_running]:
            done = self._errands.pop(child)
            self.write_line(done if child.exit_code == 0 else f"{child.name}: {child.read_last_log_line()}")

    def _write_task_error(self, error: BaseException | None) -> None:
        if error is not None:
            self.write_line(f"The proof broke off: {type(error).__name__}: {error}")

    def run_on_main_thread(self, action: Callable[[], Result]) -> Result:
        """Has the main thread do `action`, and returns what it returned. For operations that start children."""
        done: Future[Result] = Future()
        self._queue.put(lambda: resolve_future(done, action))
        return done.result()

    def _run_queued(self, seconds: float) -> None:
        try:
            self._queue.get(timeout=seconds)()
        except queue.Empty:
            return

    def _keep_alive(self, kept: ManagedPart) -> None:
        now = time.monotonic()
        if kept.part.is_running:
            if now - kept.started > STABLE_SECONDS:
                kept.failures = 0
            return
        if kept.restart_at is None:
            wait = compute_back_off(kept.failures)
            kept.restart_at, kept.failures = now + wait, kept.failures + 1
            self.write_line(f"{kept.part.name} ended; starting it again{f' in {wait:.0f} s' if wait else ''}")
        if now >= kept.restart_at:
            self._start_again(kept)

    def _start_again(self, kept: ManagedPart) -> None:
        kept.restart_at, kept.started = None, time.monotonic()
        kept.restarts += 1
        try:
            kept.part.start()
        except EmbeddedError as error:
            self.write_line(str(error))
        except Exception as error:  # noqa: BLE001 - one part that cannot start must not end the others
            self.write_line(f"{kept.part.name} could not be started: {type(error).__name__}: {error}")

    def kill(self, name: str) -> int | None:
        """SIGKILL for the part of that name; returns its pid. KeyError when there is none."""
        part = self._managed[name].part
        pid = part.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        return pid

    def restart(self, name: str) -> None:
        """Stops and starts a part; only from the main thread."""
        kept = self._managed[name]
        kept.part.stop()
        self._start_again(kept)

    def status(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "pid": kept.part.pid,
                "running": kept.part.is_running,
                "restarts": kept.restarts,
                "trouble": self._describe_trouble(name),
            }
            for name, kept in self._managed.items()
        ]

    def _describe_trouble(self, name: str) -> str:
        """Why a part that runs is not well."""
        return self._snapshot_watch.trouble if self._snapshot_watch and name == "mocklake" else ""

    # Stopping

    def stop(self) -> None:
        """Ends every part in order; further signals are ignored meanwhile, as each step has its own time limit."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if self._socket:
            self._socket.close()
        if self._snapshot_watch:
            self._snapshot_watch.stop()
        for child in self._errands:
            child.kill()
        for name in STOP_ORDER:
            if name in self._managed:
                self._managed[name].part.stop()


def stop_on_signals() -> None:
    """Makes SIGTERM and a closed terminal what Ctrl-C is: a KeyboardInterrupt in the main thread."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def resolve_future(future: Future[Result], action: Callable[..., Result], *arguments: Any) -> None:
    """Gives `future` what `action` returns or raises."""
    try:
        future.set_result(action(*arguments))
    except Exception as error:  # noqa: BLE001 - the caller gets it
        future.set_exception(error)


def compute_back_off(failures: int) -> float:
    """At once the first time, then 1, 2, 4 … seconds."""
    return compute_backoff(failures, initial=1.0, maximum=MAX_BACK_OFF)


class SnapshotWatch(threading.Thread):
    """Writes a line when it begins to fail and when it is well again; `trouble` is empty in between."""

    def __init__(self, port: int, write_line: Callable[[str], None], seconds: float = SECONDS) -> None:
        super().__init__(name="snapshot-watch", daemon=True)
        self.port = port
        self.trouble = ""
        self._write_line, self._seconds = write_line, seconds
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self._seconds):
            self._note(read_snapshot_error(self.port))

    def stop(self) -> None:
        self._ended.set()

    def _note(self, error: str) -> None:
        if error != self.trouble:
            failing = (
                f"mocklake cannot write its state: {error}. A restart would lose what was written since."
            )
            self._write_line(failing if error else "mocklake writes its state again")
        self.trouble = error


def read_snapshot_error(port: int) -> str:
    """Empty when it is well, and when nobody answers: a part that is down is told elsewhere."""
    status, body = programs.fetch(port, programs.HEALTH_PATH)
    if status != http.HTTPStatus.SERVICE_UNAVAILABLE:
        return ""
    return str(json.loads(body)["snapshot"]["error"])
