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

from demo.embedded import roles
from demo.embedded.folder import StateFolder
from demo.embedded.postgres import Postgres

CONNECTIONS = "260"
"""Room for the crowd of the part *decisions*."""
TEMPLATE = "migrated"


class Ground:
    """`clone` makes a database; `keep` has what that one holds now stand in every later one."""

    def __init__(self, folder: StateFolder) -> None:
        self.postgres = Postgres(folder, durable=False)
        self.postgres.settings = {**self.postgres.settings, "max_connections": CONNECTIONS}
        self._template = ""

    def clone(self, database: str) -> bool:
        """Whether the new database is migrated already."""
        roles.make_database(self.postgres.superuser_url(), database, self._template or "template0")
        return bool(self._template)

    def keep(self, database: str) -> None:
        """Nobody may speak to the database meanwhile."""
        roles.make_database(self.postgres.superuser_url(), TEMPLATE, database)
        self._template = TEMPLATE

    def drop(self, database: str) -> None:
        if self.postgres.is_running:
            roles.drop_database(self.postgres.superuser_url(), database)


_standing: ContextVar[Ground | None] = ContextVar("standing", default=None)


@contextmanager
def ground(say: Callable[[str], None]) -> Iterator[Ground]:
    """The one that stands, or one for the block: no process and no folder of that is left. EmbeddedError."""
    if (found := _standing.get()) is not None:
        yield found
        return
    folder = StateFolder(Path(tempfile.mkdtemp(prefix="mm-chaos-")))
    folder.take()
    made = Ground(folder)
    mark = _standing.set(made)
    try:
        say("Starting PostgreSQL")
        made.postgres.start()
        yield made
    finally:
        _standing.reset(mark)
        with undisturbed():
            made.postgres.stop()
            folder.wipe()
            folder.release()
            shutil.rmtree(folder.path, ignore_errors=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """No signal breaks the block off: each step in it has a time limit of its own."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
