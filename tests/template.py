"""The migrated template that the tests' databases are clones of."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from demo.bootstrap import ROOT
from demo.embedded import database_roles, schema
from demo.embedded.throwaway_services import FOLDER_VARIABLE, build_role_urls, build_url

TEMPLATE = "meshmarket_template"


class TemplateError(Exception):
    """The migrations do not run; the text is the end of what they said."""


def make_template(server: str) -> None:
    """Makes the template as the owner, once for all processes of the run."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "template-made").exists():
            return
        _create_empty(server)
        if not schema.restore_dump(build_url(server, TEMPLATE)):
            _migrate(server)
            schema.store_dump(build_url(server, TEMPLATE))
        (folder / "template-made").touch()


def _create_empty(server: str) -> None:
    database_roles.drop_database(server, TEMPLATE)
    database_roles.create_database(server, TEMPLATE)


def _migrate(server: str) -> None:
    environment = {**os.environ, **build_role_urls(server, TEMPLATE)}
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
