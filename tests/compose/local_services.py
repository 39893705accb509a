"""The services of docker-compose.yml as plain processes on this machine, on embedded PostgreSQL and Valkey."""

import os
import re
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from demo.bootstrap import ROOT
from demo.containers.run import build_service_environment, fill_variables, get_service
from demo.embedded.child_process import Child, wait_until
from demo.embedded.ports import find_free_port
from demo.embedded.postgres import Postgres
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey

ROLES = ROOT / "deploy" / "postgres" / "roles.sql"
TIMEOUT_SECONDS = 180.0


def make_passwords() -> dict[str, str]:
    names = ("SUPERUSER", "OWNER", "WEB", "WORKER", "SEALER")
    return {f"MESHMARKET_{name}_PASSWORD": secrets.token_hex(24) for name in names}


def build_roles_script(given: dict[str, str]) -> str:
    """roles.sql with what psql does to it: `\\getenv` read, `:'name'` filled in. There is no psql here."""
    text = ROLES.read_text(encoding="utf-8")
    variables = dict(re.findall(r"^\\getenv (\w+) (\w+)$", text, re.MULTILINE))
    body = re.sub(r"^\\getenv .*$", "", text, flags=re.MULTILINE)
    return re.sub(r":'(\w+)'", lambda found: f"'{given[variables[found.group(1)]]}'", body)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class LocalServices:
    """`given` is the `.env` of the person who starts it."""

    def __init__(self, folder: StateFolder, postgres: Postgres, broker: str) -> None:
        self.folder = folder
        self.query = urlsplit(postgres.superuser_url()).query
        self.broker = broker
        self.web, self.aws = find_free_port(), find_free_port()
        self.variables = make_passwords() | {
            "MESHMARKET_SECRET_KEY": secrets.token_urlsafe(40),
            "MESHMARKET_DEMO_PASSWORD": secrets.token_urlsafe(16),
            "AWS_ENDPOINT_URL": "http://mocklake:5000",
        }
        self.children: list[Child] = []

    def localize(self, text: str) -> str:
        """What names another container, or a folder inside one, as it is found on this machine."""
        for inside, outside in {"/state": "aws", "/run/aws": "."}.items():
            if text == inside or text.startswith(f"{inside}/"):
                return f"{self.folder.path / outside}{text.removeprefix(inside)}"
        for inside, outside in {
            "@postgres:5432/meshmarket": f"@/meshmarket?{self.query}",
            "redis://valkey:6379/0": self.broker,
            "0.0.0.0:8000": f"127.0.0.1:{self.web}",
            "localhost:8000": f"localhost:{self.web}",
            "mocklake:5000": f"localhost:{self.aws}",
            "localhost:5000": f"localhost:{self.aws}",
        }.items():
            text = text.replace(inside, outside)
        return str(self.aws) if text == "5000" else text

    def build_environment(self, name: str) -> dict[str, str]:
        """The file's own and what any process has: nothing of the tests' settings."""
        bare = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": os.devnull}
        settings = {"DJANGO_SETTINGS_MODULE": "marketplace.settings", "PYTHONUNBUFFERED": "1"}
        static = {"MESHMARKET_STATIC_ROOT": str(self.folder.path / "static")}
        own = {
            key: self.localize(value)
            for key, value in build_service_environment(name, self.variables).items()
        }
        return bare | settings | static | own

    def start_child(self, name: str, command: list[str], title: str = "") -> Child:
        made = Child(
            title or name,
            [self.localize(fill_variables(part, self.variables)) for part in command],
            log=self.folder.log_file(title or name),
            environment=self.build_environment(name),
            folder=ROOT,
        )
        self.children.append(made)
        made.start()
        return made

    def start_service(self, name: str) -> Child:
        return self.start_child(name, get_service(name)["command"])

    def run_service(self, name: str, command: list[str] | None = None) -> None:
        """To its end; fails with the last lines of its log."""
        child = self.start_child(name, command or get_service(name)["command"])
        wait_until(lambda: not child.is_running, TIMEOUT_SECONDS)
        if child.exit_code != 0:
            pytest.fail(f"{name}: {child.exit_code}\n{child.log.read_text()[-3000:]}", pytrace=False)

    def is_healthy(self, name: str) -> bool:
        """By the file's own health check, run once."""
        kind, *rest = get_service(name)["healthcheck"]["test"]
        command = ["sh", "-c", *rest] if kind == "CMD-SHELL" else rest
        check = self.start_child(name, command, f"{name}-health")
        wait_until(lambda: not check.is_running, 30.0)
        return check.exit_code == 0

    def count_worker_processes(self) -> int:
        """Those of which there is a heartbeat."""
        with psycopg.connect(self.build_environment("web")["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT count(*) FROM fulfilment_workerprocess").fetchone()
        assert row is not None
        return int(row[0])

    def stop(self) -> None:
        for child in self.children:
            child.stop()


@contextmanager
def run_local_services(path: Path) -> Iterator[LocalServices]:
    """PostgreSQL with the roles of roles.sql, and Valkey; everything ends with the block."""
    with ExitStack() as stack:
        folder = StateFolder(path)
        folder.acquire()
        stack.callback(folder.release)
        stack.callback(folder.wipe)
        (folder.path / "roles-made").touch()  # ours come from roles.sql
        postgres = Postgres(folder, durable=False)
        stack.callback(postgres.stop)
        postgres.start()
        program = find_valkey()
        assert program is not None
        valkey = Valkey(folder, program)
        stack.callback(valkey.stop)
        valkey.start()
        made = LocalServices(folder, postgres, valkey.url())
        stack.callback(made.stop)
        create_database(postgres, made)
        yield made


def create_database(postgres: Postgres, made: LocalServices) -> None:
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE meshmarket TEMPLATE template0")
    with psycopg.connect(postgres.superuser_url("meshmarket"), autocommit=True) as connection:
        connection.execute(build_roles_script(made.variables).encode())
