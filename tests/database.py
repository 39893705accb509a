"""The tests' databases: one migrated template, a clone of it for each process of the run."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, connections
from psycopg import sql
from psycopg.pq import TransactionStatus

from demo.embedded import database_roles
from demo.embedded.throwaway_services import SERVER_VARIABLE, build_role_urls, build_url
from tests.template import TEMPLATE, make_template

VACUUM_SECONDS = 30.0
RESET_SESSION = "CLOSE ALL; RESET ALL; RESET ROLE; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES"
"""What a session may have kept of a test. DISCARD ALL would forget the plans, too, and cannot stand beside others."""


class TestDatabase:
    """The clone that one process of the run works in; Django and child processes find it by the addresses."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self.server = os.environ[SERVER_VARIABLE]
        self.name = name

    def create(self) -> None:
        make_template(self.server)
        database_roles.create_database(self.server, self.name, TEMPLATE)
        self._limit_planning()
        self._stop_autovacuum()
        settings.DATABASES["default"]["NAME"] = self.name
        os.environ.update(build_role_urls(self.server, self.name))
        self._first_rows = self._read_migration_rows()

    def _limit_planning(self) -> None:
        """To weigh every order of many joins takes an eighth of a test's time, and no table here has many rows."""
        name = sql.Identifier(self.name)
        with psycopg.connect(self.server, autocommit=True) as server:
            for limit in ("from_collapse_limit", "join_collapse_limit"):
                server.execute(sql.SQL("ALTER DATABASE {} SET {} = 3").format(name, sql.Identifier(limit)))

    def _stop_autovacuum(self) -> None:
        """It meets tables that a test has just filled and not committed, takes them for empty, and cannot truncate them: from then
        on every plan is made for no rows. `vacuum` comes between tests instead.
        """
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute("ALTER SYSTEM SET autovacuum = off")
            server.execute("SELECT pg_reload_conf()")
        self._vacuumed_at = time.monotonic()

    def vacuum_when_due(self) -> None:
        """Removes what rolled-back tests left; to be called while no transaction is open."""
        if time.monotonic() - self._vacuumed_at < VACUUM_SECONDS:
            return
        with psycopg.connect(build_url(self.server, self.name), autocommit=True) as database:
            database.execute("VACUUM")
        self._vacuumed_at = time.monotonic()

    def reset(self) -> None:
        """Back to the rows that the migrations left; sequences go on. Ends every other session, child processes' too.

        This thread's own stays, where it can: it knows the tables, and what it has planned.
        """
        fit = (TransactionStatus.IDLE, self.name)
        own = connection.connection
        if own is None or (own.info.transaction_status, own.info.dbname) != fit or not connection.autocommit:
            connections.close_all()
        try:
            self._reset()
        except (DatabaseError, psycopg.Error):
            connections.close_all()
            self._reset()

    def _reset(self) -> None:
        connection.ensure_connection()
        own = connection.connection
        own.execute(RESET_SESSION)
        with own.transaction():
            # Only a superuser may: no trigger then guards the audit's rows, no foreign key asks for an order.
            own.execute("SET LOCAL role = none; SET LOCAL session_replication_role = replica")
            own.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
            own.execute(
                sql.SQL("; ").join(
                    sql.SQL("DELETE FROM {}").format(sql.Identifier(t)) for t in list_tables(own)
                )
            )
            for table, rows in self._first_rows.items():
                copy = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
                with own.cursor().copy(copy) as copying:
                    copying.write(rows)

    def _read_migration_rows(self) -> dict[str, bytes]:
        with psycopg.connect(build_url(self.server, self.name)) as connection:
            read = {}
            for table in list_tables(connection):
                with connection.cursor().copy(
                    sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
                ) as copy:
                    read[table] = b"".join(copy)
            return {table: rows for table, rows in read.items() if rows}

    def drop(self) -> None:
        connections.close_all()
        database_roles.drop_database(self.server, self.name)


def list_tables(connection: psycopg.Connection[Any]) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in found]


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


@contextmanager
def as_operator() -> Iterator[None]:
    """As the owner of the database, whose writes are judged as his: checks that wait for a commit are made at the end of the block."""
    with as_role("meshmarket_owner"):
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def set_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, false)", [role])


@contextmanager
def without_triggers() -> Iterator[None]:
    """Writes rows that no verb of ours would write: as the superuser, whom no trigger and no right holds up."""
    with as_role("none"), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


@contextmanager
def without_update_guards(table: str) -> Iterator[None]:
    """As the owner of a table: what keeps its rows as they were decided does not, while its other triggers do."""
    guards = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgfoid = 'requests_refuse_change'::regproc"
    with connection.cursor() as cursor:
        cursor.execute(guards, [table])
        names = [sql.Identifier(name) for (name,) in cursor.fetchall()]
        for change in ("DISABLE", "ENABLE"):
            # A table with checks that wait for the commit is not altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            for name in names:
                alter = sql.SQL("ALTER TABLE {} {} TRIGGER {}")
                cursor.execute(alter.format(sql.Identifier(table), sql.SQL(change), name))
            if change == "DISABLE":
                yield
