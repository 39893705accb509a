"""The rights of the database roles, as `database_rights.toml` lists them, and the step of `migrate` that applies them."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db import connections, transaction

FILE = Path(__file__).with_name("database_rights.toml")
PREFIX = "meshmarket_"
ROLES = ("web", "worker", "sealer")
_RIGHT = re.compile(
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
def listed() -> Rights:
    """By table, function or sequence, then by role, the rights as they are written in the file."""
    found: Rights = tomllib.loads(FILE.read_text())
    return found


def rights() -> Iterator[Right]:
    """Those of tables and sequences, one by one."""
    held = (
        (name, role, *_read(one))
        for name, by_role in listed().items()
        for role, written in by_role.items()
        for one in written
    )
    for name, role, privilege, columns in held:
        if privilege != "EXECUTE":
            yield from (Right(name, role, privilege, column) for column in columns or [""])


def _read(written: str) -> tuple[str, list[str]]:
    """A right's privilege, and its columns if it is for some alone. ValueError."""
    if (match := _RIGHT.fullmatch(written)) is None:
        raise ValueError(f"{written!r} is no right")
    return match["privilege"], match["columns"].split(", ") if match["columns"] else []


REVOKE = """
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
END $$;
"""
"""REVOKE on a table takes the rights on its columns with it."""
ROLES_THERE = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'meshmarket\\_%'"
TABLES_THERE = """
SELECT relname, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
"""
FUNCTIONS_THERE = """
SELECT proname, oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
"""


def apply_rights(using: str = "default") -> None:
    """Give each role what the file lists and nothing else, in one transaction; as the owner of the tables."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(ROLES_THERE)
        roles = {name for (name,) in cursor.fetchall()}
        cursor.execute(TABLES_THERE)
        tables = dict(cursor.fetchall())
        cursor.execute(FUNCTIONS_THERE)
        functions = dict(cursor.fetchall())
        cursor.execute(REVOKE)
        for signature in functions.values():
            everyone = ", ".join(
                ["PUBLIC", *sorted(f"{PREFIX}{role}" for role in ROLES if f"{PREFIX}{role}" in roles)]
            )
            cursor.execute(f"REVOKE ALL ON FUNCTION {signature} FROM {everyone}")
        for statement in _grants(roles, tables, functions):
            cursor.execute(statement)


def _grants(roles: set[str], tables: dict[str, str], functions: dict[str, str]) -> Iterator[str]:
    """Those of what is there by now: a database may be migrated to an earlier state."""
    for name, by_role in listed().items():
        if name in functions:
            on = f"FUNCTION {functions[name]}"
        elif name in tables:
            on = f'{tables[name]} "{name}"'
        else:
            continue
        for role, written in by_role.items():
            if f"{PREFIX}{role}" in roles:
                yield f"GRANT {', '.join(map(_quoted, written))} ON {on} TO {PREFIX}{role}"


def _quoted(written: str) -> str:
    privilege, columns = _read(written)
    return privilege + (" (" + ", ".join(f'"{name}"' for name in columns) + ")" if columns else "")
