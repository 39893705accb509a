"""The rights of the database roles, as `database_rights.toml` lists them, and the step of `migrate` that applies them."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

RIGHTS_FILE = Path(__file__).with_name("database_rights.toml")
ROLE_PREFIX = "meshmarket_"
ORDERS = "orders"
ROLES = ("web", "worker", "sealer")
_RIGHT_PATTERN = re.compile(
    r"(?P<privilege>SELECT|INSERT|UPDATE|DELETE|USAGE|EXECUTE)(?: \((?P<columns>[a-z_, ]+)\))?"
)

Rights = dict[str, dict[str, list[str]]]


class Right(NamedTuple):
    """One privilege of one role on a table or sequence, or on one of its columns; `column` is empty for the whole table."""

    table: str
    role: str
    privilege: str
    column: str


@cache
def load_rights() -> Rights:
    """Rights as written in the file, by table, function or sequence, then by role."""
    return {
        name: {role: rights for role, rights in written.items() if role != ORDERS}
        for name, written in _read_file().items()
    }


def load_orders() -> dict[str, str]:
    """By table, why workers act on what the web wrote; see the head of the file."""
    return {name: written[ORDERS] for name, written in _read_file().items() if ORDERS in written}


@cache
def _read_file() -> dict[str, dict[str, Any]]:
    return tomllib.loads(RIGHTS_FILE.read_text())


def list_rights() -> Iterator[Right]:
    """Rights on tables and sequences, one for each column that is named."""
    held = (
        (name, role, *_parse_right(one))
        for name, by_role in load_rights().items()
        for role, written in by_role.items()
        for one in written
    )
    for name, role, privilege, columns in held:
        if privilege != "EXECUTE":
            yield from (Right(name, role, privilege, column) for column in columns or [""])


def _parse_right(written: str) -> tuple[str, list[str]]:
    """The privilege and the columns it is limited to. ValueError."""
    if (match := _RIGHT_PATTERN.fullmatch(written)) is None:
        raise ValueError(f"{written!r} is no right")
    return match["privilege"], match["columns"].split(", ") if match["columns"] else []


REVOKE_SQL = """
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['meshmarket_web', 'meshmarket_worker', 'meshmarket_sealer'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', named);
      EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', named);
      EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', named);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM %I', named);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM %I', named);
    END IF;
  END LOOP;
END $$"""
"""REVOKE on a table takes the rights on its columns with it."""
ROLES_SQL = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'meshmarket\\_%'"
TABLES_SQL = """
SELECT relname, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
"""
FUNCTIONS_SQL = """
SELECT proname, oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
"""


def apply_rights(using: str = "default") -> None:
    """Give each role what the file lists and nothing else, in one transaction; as the owner of the tables."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(ROLES_SQL)
        roles = {name for (name,) in cursor.fetchall()}
        cursor.execute(TABLES_SQL)
        tables = dict(cursor.fetchall())
        cursor.execute(FUNCTIONS_SQL)
        functions = dict(cursor.fetchall())
        statements = [
            REVOKE_SQL,
            *_build_revocations(roles, functions),
            *_build_grants(roles, tables, functions),
        ]
        cursor.execute(";\n".join(statements))


def _build_revocations(roles: set[str], functions: dict[str, str]) -> Iterator[str]:
    held = sorted({f"{ROLE_PREFIX}{role}" for role in ROLES} & roles)
    for signature in functions.values():
        yield f"REVOKE ALL ON FUNCTION {signature} FROM {', '.join(['PUBLIC', *held])}"


def _build_grants(roles: set[str], tables: dict[str, str], functions: dict[str, str]) -> Iterator[str]:
    """GRANT statements for objects that exist; a database may be migrated to an earlier state."""
    for name, by_role in load_rights().items():
        if name in functions:
            on = f"FUNCTION {functions[name]}"
        elif name in tables:
            on = f'{tables[name]} "{name}"'
        else:
            continue
        for role, written in by_role.items():
            if f"{ROLE_PREFIX}{role}" in roles:
                yield f"GRANT {', '.join(map(_quote_right, written))} ON {on} TO {ROLE_PREFIX}{role}"


def _quote_right(written: str) -> str:
    privilege, columns = _parse_right(written)
    return privilege + (" (" + ", ".join(f'"{name}"' for name in columns) + ")" if columns else "")


Migration = tuple[str, str]
"""App and name."""


def list_replaced_migrations(connection: BaseDatabaseWrapper) -> list[Migration]:
    """Applied migrations of our apps in whose place there are others now, in order of name.

    What comes after the last one known is no such case: it is of a later version.
    """
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    disk_migrations = set(loader.disk_migrations)
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.ROOT}
    latest = {
        app: max(name for other, name in disk_migrations if other == app)
        for app, _ in disk_migrations
        if app in ours
    }
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(
        (app, name)
        for app, name in set(applied) - disk_migrations
        if app in latest and name[:4] <= latest[app][:4]
    )
