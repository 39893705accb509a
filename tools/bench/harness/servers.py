"""The servers that a bench measures: each a process of its own on 127.0.0.1, in a folder that is thrown away."""

import http.client
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from demo.bootstrap import ROOT
from demo.embedded.child_process import Child, wait_until_ready
from demo.embedded.postgres import DATABASE, Postgres
from demo.embedded.state_folder import StateFolder
from demo.supervisor.programs import WEB_CLASS
from tools.bench.harness.subprocesses import build_environment, read_memory, run_program
from tools.environment.shared_postgres import create_schema


def build_django_environment(postgres: Postgres) -> dict[str, str]:
    """The environment of a process of the site on this database."""
    return build_environment(
        **postgres.urls(),
        DJANGO_SETTINGS_MODULE="marketplace.settings",
        MESHMARKET_SECRET_KEY="of-a-bench-" * 6,
        MESHMARKET_HOSTS="127.0.0.1",
    )


@dataclass
class Server:
    """A running one; `folder` is its own."""

    url: str
    folder: Path
    child: Child

    @property
    def megabytes(self) -> float:
        """Resident memory now; 0 where the system does not tell."""
        return read_memory("VmRSS", self.child.pid)

    def control(self, path: str, body: Any = None) -> Any:
        """The control API of mocklake."""
        token = (self.folder / "state" / "control-token").read_text()
        data = None if body is None else json.dumps(body).encode()
        asked = Request(f"{self.url}/_mocklake/{path}", data, {"X-Mocklake-Token": token})  # noqa: S310
        with urlopen(asked, timeout=120) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def throwaway_postgres(**settings: str) -> Iterator[Postgres]:
    """A PostgreSQL with our roles and an empty database, which a crash of the machine may destroy.

    `settings` are PostgreSQL's own, beside those of the demo's server.
    """
    with ExitStack() as stack:
        folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-bench-")))
        stack.callback(shutil.rmtree, folder.path, ignore_errors=True)
        folder.acquire()
        stack.callback(folder.release)
        stack.callback(folder.wipe)
        postgres = Postgres(folder, durable=False)
        postgres.settings = {**postgres.settings, **settings}
        stack.callback(postgres.stop)
        postgres.start()
        yield postgres


@contextmanager
def migrated_postgres(**settings: str) -> Iterator[Postgres]:
    """The same with the migrated schema in `DATABASE`."""
    with throwaway_postgres(**settings) as postgres:
        create_migrated_schema(postgres)
        yield postgres


def create_migrated_schema(postgres: Postgres, database: str = DATABASE) -> None:
    """In a database that is empty."""
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    environment = {**build_django_environment(postgres), **postgres.urls(database)}
    create_schema(postgres.superuser_url(database), lambda: run_program(migrate, environment))


@contextmanager
def run_mocklake(seed: str, state: Path | None = None) -> Iterator[Server]:
    """The pretend AWS with a named seed or a mesh as YAML text, from a copy of `state` if one is given; polite, as its
    own time is measured, and not the pauses that AWS's rates ask for. Raises EmbeddedError when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="bench-mocklake-") as place:
        folder = Path(place)
        if "\n" in seed:
            (folder / "mesh.yaml").write_text(seed)
            seed = str(folder / "mesh.yaml")
        if state is not None:
            shutil.copytree(state, folder / "state")
        program = ["-m", "mocklake", "--port", "0", "--manners", "polite"]
        program += ["--state", str(folder / "state"), "--seed", seed]
        with _run_server("mocklake", program, folder, _find_announced_url) as server:
            yield server


@contextmanager
def run_bare_moto() -> Iterator[Server]:
    """Moto's own server, as it comes."""
    with tempfile.TemporaryDirectory(prefix="bench-moto-") as place:
        # Its server prints its address on a line of its log, as mocklake does.
        program = ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with _run_server("moto", program, Path(place), _find_announced_url) as server:
            yield server


@contextmanager
def run_module_server(name: str, program: list[str]) -> Iterator[Server]:
    """A module of ours that prints where it listens, as its last word on a line."""
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as place,
        _run_server(name, program, Path(place), _find_announced_url) as server,
    ):
        yield server


@contextmanager
def run_gunicorn(application: str, environment: dict[str, str], *more: str) -> Iterator[Server]:
    """A site as `docker-compose.yml` serves it: two processes. `more` are arguments of gunicorn's."""
    program = [
        "-m", "gunicorn", application, "--bind", "127.0.0.1:0", "--worker-class", WEB_CLASS, "--workers", "2",
        "--threads", "8", "--keep-alive", "75", "--no-control-socket", *more,
    ]  # fmt: skip
    with (
        tempfile.TemporaryDirectory(prefix="bench-site-") as place,
        _run_server("gunicorn", program, Path(place), _find_gunicorn_url, environment) as server,
    ):
        yield server


@contextmanager
def _run_server(
    name: str, program: list[str], folder: Path, address: Any, environment: dict[str, str] | None = None
) -> Iterator[Server]:
    child = Child(
        name, [sys.executable, *program], log=folder / "log", environment=environment or _build_environment(),
        stop_signal=signal.SIGTERM, folder=ROOT,
    )  # fmt: skip
    server = Server("", folder, child)
    try:
        child.start()
        wait_until_ready(child, lambda: bool(address(child.log)))
        server.url = address(child.log)
        yield server
    finally:
        child.stop()


def _build_environment() -> dict[str, str]:
    """The caller's without what would send calls elsewhere or change what is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _find_announced_url(log: Path) -> str:
    """The address in a line such as `mocklake listens on http://…` or ` * Running on http://…`."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    found = [line.split()[-1] for line in lines if " on http://127.0.0.1:" in line]
    return found[0] if found else ""


def _find_gunicorn_url(log: Path) -> str:
    """The address in gunicorn's line `Listening at: http://… (…)`."""
    text = log.read_text(errors="replace") if log.exists() else ""
    found = re.search(r"Listening at: (http://127\.0\.0\.1:\d+) ", text)
    return found[1] if found else ""


def open_connection(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=120)
