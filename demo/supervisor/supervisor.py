"""Starts the demo's parts in order, keeps them alive, stops them in order. The main thread alone starts children."""

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
from demo.embedded.errors import EmbeddedError
from demo.embedded.folder import StateFolder
from demo.embedded.ports import HOST, lasting, must_be_free
from demo.embedded.postgres import VARIABLES, Postgres
from demo.embedded.process import Child, wait_until
from demo.embedded.valkey import Valkey, find_valkey
from demo.supervisor import parts
from demo.supervisor.control_socket import SupervisorSocket
from demo.supervisor.parts import Part, Program
from fulfilment.backoff import backoff

STOP_ORDER = ("web", "beat", "worker", "sweep", "mail", "awsim", "valkey", "postgres")
STEADY_SECONDS = 30.0
LONGEST_BACK_OFF = 30.0
COMMAND_SECONDS = 180.0
# Which addresses a process gets: no more than its role needs.
ADDRESSES = {
    "web": ("DATABASE_URL",),
    "worker": ("WORKER_DATABASE_URL", "SEALER_DATABASE_URL"),
    "owner": ("MIGRATE_DATABASE_URL",),
    "all": tuple(VARIABLES),
}
Result = TypeVar("Result")


@dataclass
class Kept:
    """A part with what the supervisor remembers of it."""

    part: Part
    started: float = 0.0
    restarts: int = 0
    failures: int = 0
    due: float | None = None


class Supervisor:
    """The demo's processes on one state folder.

    `say` gets one line for each stage and each restart; `after_migrate` are called once the schema stands, before
    workers and web start, `meanwhile` while the web starts and before the workers do.
    """

    def __init__(
        self,
        folder: StateFolder,
        *,
        port: int,
        say: Callable[[str], None],
        after_migrate: Sequence[Callable[["Supervisor"], None]] = (),
        meanwhile: Sequence[Callable[["Supervisor"], None]] = (),
    ) -> None:
        self.folder = folder
        self.port = port
        self.say = say
        self.aws_port = 0
        self.mail_port = 0
        self.addresses: dict[str, str] = {}
        self._after_migrate, self._meanwhile = after_migrate, meanwhile
        self._kept: dict[str, Kept] = {}
        self._queue: queue.Queue[Callable[[], None]] = queue.Queue()
        self._socket: SupervisorSocket | None = None

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
        must_be_free(self.port)
        self._start_database()
        self._start_broker()
        self.launch_aws()
        self.start_mail()
        self._migrate()
        self._settle("awsim")
        for hook in self._after_migrate:
            hook(self)
        self._start_web()
        for hook in self._meanwhile:
            hook(self)
        self._start_workers()
        self._settle("web")

    def _migrate(self) -> None:
        self.say("Migrating the database")
        try:
            self.run_command("migrate", "--verbosity", "0", process="owner")
        except EmbeddedError as error:
            raise EmbeddedError(
                f"{error}. A state of an earlier version is left behind with --fresh."
            ) from error

    def _start_database(self) -> None:
        given = os.environ.get("DATABASE_URL")
        if given:
            self.addresses = {name: os.environ.get(name, given) for name in VARIABLES}
            return
        postgres = Postgres(self.folder)
        self.begin(postgres, "PostgreSQL")
        self.addresses = dict(postgres.urls())

    def _start_broker(self) -> None:
        given, program = os.environ.get("REDIS_URL"), find_valkey()
        if given:
            self.addresses["REDIS_URL"] = given
        elif program is None:
            self.say("No broker here: the sweep works alone")
        else:
            valkey = Valkey(self.folder, program)
            self.begin(valkey, "Valkey")
            self.addresses["REDIS_URL"] = valkey.url()

    def start_aws(self) -> None:
        self.launch_aws()
        self._settle("awsim")

    def launch_aws(self) -> None:
        """Returns before the pretend AWS answers."""
        self.aws_port = lasting(self.folder.path / "aws-port")
        arguments, environment = self.awsim_arguments(), parts.base_environment(self.folder)
        self._launch(
            parts.program(
                self.folder, "awsim", arguments, environment, lambda: parts.awsim_answers(self.aws_port)
            ),
            "the pretend AWS",
        )

    def start_mail(self) -> None:
        """A mail server that sends nothing on; `demo.pages.caught_mail` shows what it caught."""
        self.mail_port = lasting(self.folder.path / "mail-port")
        arguments = ["-m", "demo.embedded.mail_catcher", str(self.mail_port), str(self.folder.path / "mail")]
        environment = parts.base_environment(self.folder)
        self.begin(parts.program(self.folder, "mail", arguments, environment), "a mail catcher")

    def awsim_arguments(self) -> list[str]:
        return parts.awsim_arguments(self.folder, self.aws_port)

    def _start_workers(self) -> None:
        environment = self.environment("worker")
        self.begin(parts.program(self.folder, "sweep", ["manage.py", "sweep"], environment), "the sweep")
        if "REDIS_URL" in self.addresses:
            self.begin(
                parts.program(self.folder, "worker", parts.worker_arguments(), environment), "a worker"
            )
            self.begin(
                parts.program(self.folder, "beat", parts.beat_arguments(self.folder), environment), "the beat"
            )

    def _start_web(self) -> None:
        self.open_socket()
        environment = {**self.environment("web"), "MESHMARKET_SUPERVISOR_SOCKET": str(self.socket_path)}
        arguments = parts.web_arguments(self.port)
        self._launch(
            parts.program(self.folder, "web", arguments, environment, lambda: parts.web_answers(self.port)),
            "the web",
        )

    def open_socket(self) -> None:
        self._socket = SupervisorSocket(self, self.socket_path)

    def begin(self, part: Part, title: str) -> None:
        self.say(f"Starting {title}")
        self._kept[part.name] = kept = Kept(part)
        part.start()
        kept.started = time.monotonic()

    def _launch(self, part: Program, title: str) -> None:
        """`begin` that does not wait: what is no use yet starts beside what is done until then."""
        self.say(f"Starting {title}")
        self._kept[part.name] = Kept(part, time.monotonic())
        part.launch()

    def _settle(self, name: str) -> None:
        """Waits until a launched part is ready; one that was not launched here is not ours to wait for."""
        kept = self._kept.get(name)
        if kept and isinstance(kept.part, Program):
            kept.part.settle()

    def environment(self, process: str) -> dict[str, str]:
        """What a child of that kind (web, worker, owner, all) gets; only those that act have AWS keys."""
        found = parts.base_environment(self.folder)
        found.update({name: self.addresses[name] for name in ADDRESSES[process]})
        if "REDIS_URL" in self.addresses:
            found["REDIS_URL"] = self.addresses["REDIS_URL"]
        if process in {"worker", "all"}:
            found.update(self.aws_keys())
        if self.mail_port:
            found["MESHMARKET_MAIL_URL"] = f"smtp://{HOST}:{self.mail_port}"
            found["MESHMARKET_CAUGHT_MAIL"] = str(self.folder.path / "mail")
        found["MESHMARKET_URL"] = self.url
        if process != "all":
            found["MESHMARKET_PROCESS"] = process
        return found

    def aws_keys(self) -> dict[str, str]:
        """Where the AWS of those that act is, and as whom they speak to it."""
        return {**parts.worker_keys(self.folder, self.aws_port), "AWS_ENDPOINT_URL": self.aws_url}

    def run_command(
        self,
        name: str,
        *arguments: str,
        process: str = "all",
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Runs a management command to its end in a child; raises EmbeddedError with its last line."""
        child = Child(
            name,
            [sys.executable, "manage.py", name, *arguments],
            log=self.folder.log(name),
            environment={**self.environment(process), **(more or {})},
            folder=ROOT,
        )
        child.start()
        try:
            wait_until(lambda: not child.is_running, COMMAND_SECONDS)
        finally:
            child.kill()
        if child.exit_code:
            raise EmbeddedError(f"manage.py {name} failed: {child.last_words()} (log: {child.log})")

    # Keeping

    def serve(
        self, beside: Callable[["Supervisor"], Result] | None = None, *, once: bool = False
    ) -> Result | None:
        """Keeps the parts alive until a signal, or with `once` until `beside`, run in a thread, has ended.

        An error of `beside` is raised with `once`, and said otherwise.
        """
        work: Future[Result] = Future()
        if not once:
            work.add_done_callback(lambda done: self._say_error(done.exception()))
        if beside is not None:
            threading.Thread(target=settle, args=(work, beside, self), daemon=True).start()
        while not (once and work.done()):
            self._run_queued(0.2)
            for kept in self._kept.values():
                self._keep_alive(kept)
        return work.result() if work.done() else None

    def _say_error(self, error: BaseException | None) -> None:
        if error is not None:
            self.say(f"The proof broke off: {type(error).__name__}: {error}")

    def on_main(self, action: Callable[[], Result], seconds: float = 60.0) -> Result:
        """Has the main thread do `action`, and returns what it returned. For operations that start children."""
        done: Future[Result] = Future()
        self._queue.put(lambda: settle(done, action))
        return done.result(seconds)

    def _run_queued(self, seconds: float) -> None:
        try:
            self._queue.get(timeout=seconds)()
        except queue.Empty:
            return

    def _keep_alive(self, kept: Kept) -> None:
        now = time.monotonic()
        if kept.part.is_running:
            if now - kept.started > STEADY_SECONDS:
                kept.failures = 0
            return
        if kept.due is None:
            wait = back_off(kept.failures)
            kept.due, kept.failures = now + wait, kept.failures + 1
            self.say(f"{kept.part.name} ended; starting it again{f' in {wait:.0f} s' if wait else ''}")
        if now >= kept.due:
            self._start_again(kept)

    def _start_again(self, kept: Kept) -> None:
        kept.due, kept.started = None, time.monotonic()
        kept.restarts += 1
        try:
            kept.part.start()
        except EmbeddedError as error:
            self.say(str(error))
        except Exception as error:  # noqa: BLE001 - one part that cannot start must not end the others
            self.say(f"{kept.part.name} could not be started: {type(error).__name__}: {error}")

    def kill(self, name: str) -> int | None:
        """SIGKILL for the part of that name; returns its pid. KeyError when there is none."""
        part = self._kept[name].part
        pid = part.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        return pid

    def restart(self, name: str) -> None:
        """Stops and starts a part; only from the main thread."""
        kept = self._kept[name]
        kept.part.stop()
        self._start_again(kept)

    def status(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "pid": kept.part.pid, "running": kept.part.is_running, "restarts": kept.restarts}
            for name, kept in self._kept.items()
        ]

    # Stopping

    def stop(self) -> None:
        """Ends every part in order; further signals are ignored meanwhile, as each step has its own time limit."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if self._socket:
            self._socket.close()
        for name in STOP_ORDER:
            if name in self._kept:
                self._kept[name].part.stop()


def stop_on_signals() -> None:
    """Makes SIGTERM and a closed terminal what Ctrl-C is: a KeyboardInterrupt in the main thread."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def settle(future: Future[Result], action: Callable[..., Result], *arguments: Any) -> None:
    """Gives `future` what `action` returns or raises."""
    try:
        future.set_result(action(*arguments))
    except Exception as error:  # noqa: BLE001 - the asker gets it
        future.set_exception(error)


def back_off(failures: int) -> float:
    """At once the first time, then 1, 2, 4 … seconds."""
    return backoff(failures, first=1.0, longest=LONGEST_BACK_OFF)
