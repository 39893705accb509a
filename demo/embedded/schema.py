"""The schema of a state folder's database: read back from a dump where there is one, or migrated."""

from collections.abc import Callable
from pathlib import Path

import psycopg

from demo.embedded.database_dump import compute_migrations_digest, restore_dump, store_dump
from demo.embedded.postgres import DATABASE, Postgres

EMPTY_SQL = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"


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
