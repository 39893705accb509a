"""Creates database roles and databases. The only module that connects as superuser."""

from collections.abc import Mapping
from contextlib import closing

import psycopg
from psycopg import sql

OWNER = "meshmarket_owner"
WEB = "meshmarket_web"
WORKER = "meshmarket_worker"
SEALER = "meshmarket_sealer"
ROLES = (OWNER, WEB, WORKER, SEALER)
# One lock for changes that touch the shared catalogs: two workers that clone at a time would collide.
CLUSTER_LOCK = 7_420_001


def run_statements(address: str, *statements: sql.Composed) -> None:
    """Runs statements one by one, each its own transaction, one such caller at a time."""
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [CLUSTER_LOCK])
        for statement in statements:
            connection.execute(statement)


def database_exists(address: str, database: str) -> bool:
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return found.fetchone() is not None


def create_roles(address: str, passwords: Mapping[str, str]) -> None:
    """The four roles: each logs in by its own password, none is a member of another."""
    for role in ROLES:
        name = sql.Identifier(role)
        run_statements(
            address,
            sql.SQL("DO $$ BEGIN CREATE ROLE {} ; EXCEPTION WHEN duplicate_object THEN NULL; END $$").format(
                name
            ),
            sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                name,
                sql.Literal(passwords[role]),
            ),
        )


def create_database(address: str, database: str, template: str = "template0") -> None:
    """A database of the owner's that only our roles can enter; `template` as it is now."""
    name = sql.Identifier(database)
    run_statements(
        address,
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            name,
            sql.Identifier(OWNER),
            sql.Identifier(template),
        ),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            name,
            sql.SQL(", ").join(map(sql.Identifier, ROLES)),
        ),
    )


def drop_database(address: str, database: str) -> None:
    """Ends every session in it first."""
    run_statements(
        address, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
    )


def ensure_database(address: str, database: str) -> None:
    if not database_exists(address, database):
        create_database(address, database)
