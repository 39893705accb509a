"""The tests' databases: one migrated template, a clone of it for each process of the run."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from psycopg.pq import TransactionStatus

from demo.bootstrap import ROOT
from demo.embedded import roles
from demo.testbed import FOLDER, SERVER, addresses

TEMPLATE = "meshmarket_template"


class TemplateError(Exception):
    """The migrations do not run; the text is the end of what they said."""


class TestDatabase:
    """The clone that one process of the run works in; Django and child processes find it by the addresses."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self.server = os.environ[SERVER]
        self.name = name

    def make(self) -> None:
        make_template(self.server)
        roles.make_database(self.server, self.name, TEMPLATE)
        settings.DATABASES["default"]["NAME"] = self.name
        os.environ.update(addresses(self.server, self.name))

    def renew(self) -> None:
        """Back to what the migrations left: ends every session in it, those of child processes too."""
        self.drop()
        roles.make_database(self.server, self.name, TEMPLATE)

    def drop(self) -> None:
        connections.close_all()
        roles.drop_database(self.server, self.name)


def make_template(server: str) -> None:
    """Migrates the template as the owner, once for all processes of the run."""
    folder = Path(os.environ[FOLDER])
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "template-made").exists():
            return
        roles.drop_database(server, TEMPLATE)
        roles.make_database(server, TEMPLATE)
        environment = {**os.environ, **addresses(server, TEMPLATE)}
        environment.pop("MESHMARKET_PROCESS", None)
        done = subprocess.run(
            [sys.executable, ROOT / "manage.py", "migrate", "--verbosity", "0"],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise TemplateError("\n".join(["manage.py migrate failed:", *done.stderr.splitlines()[-12:]]))
        (folder / "template-made").touch()


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Speaks to the database as `role` in the block; a test begins as `meshmarket_web`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        before = cursor.fetchone()[0]
    set_role(role)
    try:
        yield
    finally:
        # In a failed transaction nothing can be said; its rollback also takes the role back.
        if connection.connection.info.transaction_status != TransactionStatus.INERROR:
            set_role(before)


def set_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, false)", [role])
