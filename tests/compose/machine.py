"""The services of docker-compose.yml as plain processes on this machine, on embedded PostgreSQL and Valkey."""

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from demo.bootstrap import ROOT
from demo.embedded.folder import StateFolder
from demo.embedded.ports import a_free_one
from demo.embedded.postgres import Postgres
from demo.embedded.process import Child, wait_until
from demo.embedded.valkey import Valkey, find_valkey
from tests.compose.composed import environment, filled, service

ROLES = ROOT / "deploy" / "postgres" / "roles.sql"
PATIENCE = 180.0


def passwords() -> dict[str, str]:
    names = ("SUPERUSER", "OWNER", "WEB", "WORKER", "SEALER")
    return {f"MESHMARKET_{name}_PASSWORD": secrets.token_hex(24) for name in names}


def roles_script(given: dict[str, str]) -> str:
    """roles.sql with what psql does to it: `\\getenv` read, `:'name'` filled in. There is no psql here."""
    text = ROLES.read_text(encoding="utf-8")
    variables = dict(re.findall(r"^\\getenv (\w+) (\w+)$", text, re.MULTILINE))
    body = re.sub(r"^\\getenv .*$", "", text, flags=re.MULTILINE)
    return re.sub(r":'(\w+)'", lambda found: f"'{given[variables[found.group(1)]]}'", body)


class Machine:
    """`given` is the `.env` of the person who starts it."""

    def __init__(self, folder: StateFolder, postgres: Postgres, broker: str) -> None:
        self.folder = folder
        self.query = urlsplit(postgres.superuser_url()).query
        self.broker = broker
        self.web, self.aws = a_free_one(), a_free_one()
        self.given = passwords() | {
            "MESHMARKET_SECRET_KEY": secrets.token_urlsafe(40),
            "MESHMARKET_DEMO_PASSWORD": secrets.token_urlsafe(16),
            "AWS_ENDPOINT_URL": "http://awsim:5000",
        }
        self.children: list[Child] = []

    def here(self, text: str) -> str:
        """What names another container, or a folder inside one, as it is found on this machine."""
        for inside, outside in {"/state": "aws", "/run/aws": ".", "/run/beat": "."}.items():
            if text == inside or text.startswith(f"{inside}/"):
                return f"{self.folder.path / outside}{text.removeprefix(inside)}"
        for inside, outside in {
            "@postgres:5432/meshmarket": f"@/meshmarket?{self.query}",
            "redis://valkey:6379/0": self.broker,
            "0.0.0.0:8000": f"127.0.0.1:{self.web}",
            "localhost:8000": f"localhost:{self.web}",
            "awsim:5000": f"localhost:{self.aws}",
            "localhost:5000": f"localhost:{self.aws}",
        }.items():
            text = text.replace(inside, outside)
        return str(self.aws) if text == "5000" else text

    def environment(self, name: str) -> dict[str, str]:
        """The file's own and what any process has: nothing of the tests' settings."""
        bare = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": os.devnull}
        settings = {"DJANGO_SETTINGS_MODULE": "marketplace.settings", "PYTHONUNBUFFERED": "1"}
        static = {"MESHMARKET_STATIC_ROOT": str(self.folder.path / "static")}
        own = {key: self.here(value) for key, value in environment(name, self.given).items()}
        return bare | settings | static | own

    def child(self, name: str, command: list[str], title: str = "") -> Child:
        made = Child(
            title or name,
            [self.here(filled(part, self.given)) for part in command],
            log=self.folder.log(title or name),
            environment=self.environment(name),
            folder=ROOT,
        )
        self.children.append(made)
        made.start()
        return made

    def start(self, name: str) -> Child:
        return self.child(name, service(name)["command"])

    def run(self, name: str, command: list[str] | None = None) -> None:
        """To its end; fails with the last lines of its log."""
        child = self.child(name, command or service(name)["command"])
        wait_until(lambda: not child.is_running, PATIENCE)
        if child.exit_code != 0:
            pytest.fail(f"{name}: {child.exit_code}\n{child.log.read_text()[-3000:]}", pytrace=False)

    def is_healthy(self, name: str) -> bool:
        """By the file's own health check, run once."""
        kind, *rest = service(name)["healthcheck"]["test"]
        command = ["sh", "-c", *rest] if kind == "CMD-SHELL" else rest
        check = self.child(name, command, f"{name}-health")
        wait_until(lambda: not check.is_running, 30.0)
        return check.exit_code == 0

    def stop(self) -> None:
        for child in self.children:
            child.stop()


@contextmanager
def machine(path: Path) -> Iterator[Machine]:
    """PostgreSQL with the roles of roles.sql, and Valkey; everything ends with the block."""
    with ExitStack() as stack:
        folder = StateFolder(path)
        folder.take()
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
        made = Machine(folder, postgres, valkey.url())
        stack.callback(made.stop)
        make_database(postgres, made)
        yield made


def make_database(postgres: Postgres, made: Machine) -> None:
    with psycopg.connect(postgres.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE meshmarket TEMPLATE template0")
    with psycopg.connect(postgres.superuser_url("meshmarket"), autocommit=True) as connection:
        connection.execute(roles_script(made.given).encode())
