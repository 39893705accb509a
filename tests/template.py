"""The migrated template that the tests' databases are clones of."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from demo.bootstrap import ROOT
from demo.embedded import database_dump, roles
from demo.embedded.throwaway_services import FOLDER, address, addresses

TEMPLATE = "meshmarket_template"


class TemplateError(Exception):
    """The migrations do not run; the text is the end of what they said."""


def make_template(server: str) -> None:
    """Makes the template as the owner, once for all processes of the run."""
    folder = Path(os.environ[FOLDER])
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "template-made").exists():
            return
        _empty(server)
        if not database_dump.restored(address(server, TEMPLATE)):
            _migrate(server)
            database_dump.keep(address(server, TEMPLATE))
        (folder / "template-made").touch()


def _empty(server: str) -> None:
    roles.drop_database(server, TEMPLATE)
    roles.make_database(server, TEMPLATE)


def _migrate(server: str) -> None:
    environment = {**os.environ, **addresses(server, TEMPLATE)}
    environment.pop("MESHMARKET_PROCESS", None)
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "migrate", "--skip-checks", "--verbosity", "0"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise TemplateError("\n".join(["manage.py migrate failed:", *done.stderr.splitlines()[-12:]]))
