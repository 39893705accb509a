"""PostgreSQL for the parts that a process runs one after the other: each has a database of its own on it.

A server takes longer to make than many a part's work of a quick run; and the first database, once it is migrated, is
what the others are copied from.
"""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from demo.embedded import database_roles, schema
from demo.embedded.postgres import Postgres
from demo.embedded.state_folder import StateFolder

MAX_CONNECTIONS = "260"
"""Room for the crowd of the part *decisions*."""
TEMPLATE_DATABASE = "migrated"


class SharedPostgres:
    """`clone` makes a database; `store_template` has what it holds now stand in every later one."""

    def __init__(self, folder: StateFolder) -> None:
        self.postgres = Postgres(folder, durable=False)
        self.postgres.settings = {**self.postgres.settings, "max_connections": MAX_CONNECTIONS}
        self._template = ""

    def clone(self, database: str) -> bool:
        """Whether the new database is migrated already."""
        database_roles.create_database(self.postgres.superuser_url(), database, self._template or "template0")
        return bool(self._template)

    def store_template(self, database: str) -> None:
        """Nobody may speak to the database meanwhile."""
        database_roles.create_database(self.postgres.superuser_url(), TEMPLATE_DATABASE, database)
        self._template = TEMPLATE_DATABASE

    def drop(self, database: str) -> None:
        if self.postgres.is_running:
            database_roles.drop_database(self.postgres.superuser_url(), database)


_current: ContextVar[SharedPostgres | None] = ContextVar("standing", default=None)


@contextmanager
def shared_postgres(say: Callable[[str], None]) -> Iterator[SharedPostgres]:
    """The one that stands, or one for the block: no process and no folder of that is left. EmbeddedError."""
    if (found := _current.get()) is not None:
        yield found
        return
    folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-chaos-")))
    folder.acquire()
    made = SharedPostgres(folder)
    mark = _current.set(made)
    try:
        say("Starting PostgreSQL")
        made.postgres.start()
        yield made
    finally:
        _current.reset(mark)
        with ignore_signals():
            made.postgres.stop()
            folder.wipe()
            folder.release()
            shutil.rmtree(folder.path, ignore_errors=True)


@contextmanager
def ignore_signals() -> Iterator[None]:
    """No signal breaks the block off: each step in it has a time limit of its own."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def create_schema(superuser_url: str, migrate: Callable[[], object]) -> None:
    """Reads the dump back, or migrates by `migrate` and keeps a dump for the next run."""
    if not schema.restore_dump(superuser_url):
        migrate()
        schema.store_dump(superuser_url)
