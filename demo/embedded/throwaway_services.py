"""The services of one test run, in a folder that is thrown away, and the addresses that tests find them by."""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from demo.embedded.child_process import EmbeddedError
from demo.embedded.database_roles import ROLES, create_roles, ensure_database
from demo.embedded.postgres import URL_VARIABLES, Postgres, is_reachable
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey

SERVER_VARIABLE = "MESHMARKET_TEST_SERVER"
FOLDER_VARIABLE = "MESHMARKET_TEST_FOLDER"
EMPTY_DATABASE = "meshmarket_test"
NO_RATE_LIMITS = {"MESHMARKET_API_RATE_LIMIT": "0", "MESHMARKET_SEARCH_RATE_LIMIT": "0"}
"""Tests send more requests in a minute than people do, and their people have the same ids in each process."""


@contextlib.contextmanager
def throwaway_services() -> Iterator[dict[str, str]]:
    """Yields the environment of the tests: DATABASE_URL and REDIS_URL of the caller's are used when given.

    A given DATABASE_URL must be a superuser's, as tests make and drop databases.
    """
    with contextlib.ExitStack() as stack:
        folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-test-")))
        stack.callback(shutil.rmtree, folder.path, ignore_errors=True)
        folder.acquire()
        stack.callback(folder.release)
        stack.callback(folder.wipe)
        server = os.environ.get("DATABASE_URL") or start_postgres(folder, stack)
        prepare_server(server)
        yield {
            FOLDER_VARIABLE: str(folder.path),
            SERVER_VARIABLE: server,
            **build_role_urls(server, EMPTY_DATABASE),
            "REDIS_URL": os.environ.get("REDIS_URL") or start_broker(folder, stack),
            **NO_RATE_LIMITS,
        }


def start_postgres(folder: StateFolder, stack: contextlib.ExitStack) -> str:
    postgres = Postgres(folder, durable=False)
    stack.callback(postgres.stop)
    postgres.start()
    return postgres.superuser_url()


def start_broker(folder: StateFolder, stack: contextlib.ExitStack) -> str:
    """The broker's address, or nothing where there is no broker: its tests then say so."""
    program = find_valkey()
    if program is None:
        return ""
    valkey = Valkey(folder, program)
    stack.callback(valkey.stop)
    valkey.start()
    return valkey.url()


def prepare_server(server: str) -> None:
    if not is_reachable(server):
        raise EmbeddedError(
            "The server that DATABASE_URL names does not answer: start it, or unset the variable."
        )
    create_roles(server, {role: secrets.token_urlsafe(24) for role in ROLES})
    ensure_database(server, EMPTY_DATABASE)


def build_role_urls(server: str, database: str) -> dict[str, str]:
    """The four addresses by variable: a superuser's sessions that begin as the role, so that tests can clean."""
    return {variable: build_url(server, database, role) for variable, role in URL_VARIABLES.items()}


def build_url(server: str, database: str, role: str | None = None) -> str:
    """The server's address with another database and, if given, a role that its sessions begin as."""
    parts = urlsplit(server)
    option = urlencode({"options": f"-c role={role}"}, quote_via=quote) if role else ""
    query = "&".join(part for part in (parts.query, option) if part)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", query, ""))
