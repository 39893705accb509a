"""The schema of a state folder's database: read back from a dump where there is one, or migrated and kept as a dump.

A dump is read back sooner than `migrate` has read its code. It is known by what was migrated, so a change of any
migration makes a new one.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from demo.bootstrap import ROOT
from demo.embedded.child_process import EmbeddedError
from demo.embedded.postgres import DATABASE, Postgres, find_binaries

EMPTY_SQL = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
DUMP_FOLDER = Path(sys.prefix) / "var" / "meshmarket"
MAX_DUMPS = 4
"""Dumps of so many branches of work; one is some 1 MB."""


class Schema:
    """`migrate` is called for an existing database that other migrations made, and for a new one without a dump."""

    def __init__(self, postgres: Postgres, migrate: Callable[[], None]) -> None:
        self._postgres = postgres
        self._migrate = migrate

    @property
    def stamp(self) -> Path:
        """Says which migrations made it."""
        return self._postgres.folder.path / "migrated"

    def bring_up_to_date(self) -> None:
        digest = compute_migrations_digest()
        if self.stamp.exists() and self.stamp.read_text() == digest:
            return
        address = self._postgres.superuser_url(DATABASE)
        is_new = is_empty(address)
        if not (is_new and restore_dump(address)):
            self._migrate()
            if is_new:
                store_dump(address)
        self.stamp.write_text(digest)


def is_empty(address: str) -> bool:
    with psycopg.connect(address) as connection:
        row = connection.execute(EMPTY_SQL).fetchone()
    return bool(row and row[0])


def restore_dump(address: str) -> bool:
    """Whether there is a dump, and it could be read back whole; if not, the database is as before.

    `address` is a superuser's, of an empty database of the owner's.
    """
    dump = _dump_file()
    options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    return dump.exists() and run_postgres_program("psql", *options, f"--file={dump}", address)


def store_dump(address: str) -> None:
    """Dumps the database, which was just migrated. Best effort: without a dump the next run migrates again."""
    dump = _dump_file()
    unfinished = dump.with_suffix(f".{os.getpid()}")
    try:
        dump.parent.mkdir(parents=True, exist_ok=True)
        if run_postgres_program("pg_dump", f"--file={unfinished}", address):
            unfinished.replace(dump)
        for old in sorted(dump.parent.glob("*.sql"), key=lambda path: path.stat().st_mtime)[:-MAX_DUMPS]:
            old.unlink(missing_ok=True)
    except OSError:
        unfinished.unlink(missing_ok=True)


def _dump_file() -> Path:
    return DUMP_FOLDER / f"{compute_migrations_digest()}.sql"


def compute_migrations_digest(root: Path = ROOT) -> str:
    """A digest of whatever decides on what `migrate` makes: migrations, roles and their rights, the packages' versions."""
    deciding = [
        *root.glob("*/migrations/*.py"),
        *root.glob("*/migrations/sql/*.sql"),
        root / "demo/embedded/database_roles.py",
        *root.glob("audit/database_rights.*"),
        *root.glob("audit/table_creation.py"),
        *root.glob("requirements/*.txt"),
    ]
    digest = hashlib.sha256()
    for path in sorted(deciding):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def run_postgres_program(program: str, *arguments: str) -> bool:
    """Whether this program of PostgreSQL's is here and ended with 0; it may be too old for a server of the caller's."""
    try:
        command = find_binaries() / program
        return subprocess.run([command, *arguments], check=False, capture_output=True).returncode == 0
    except (EmbeddedError, FileNotFoundError):
        return False
