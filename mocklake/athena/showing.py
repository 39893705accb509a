"""SHOW and DESCRIBE: what Glue shows the caller, cut as Lake Formation cuts it.

Source: Athena SQL reference, "DDL statements". Rows have no heading; DESCRIBE's columns are padded in one text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mocklake import glue
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG
from mocklake.athena.parsing import Statement
from mocklake.athena.results import Result
from mocklake.athena.session import Outcome, Session
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.iam.caller_policies import identity_decision, refusal
from mocklake.iam.policy_documents import Decision

_NAME = r"`?([\w$-]+)`?"
_FORMS = {
    "databases": re.compile(
        r"SHOW\s+(?:DATABASES|SCHEMAS)(?:\s+LIKE)?(?:\s+'(?P<like>[^']*)')?", re.IGNORECASE
    ),
    "tables": re.compile(
        rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{_NAME})?(?:\s+'(?P<like>[^']*)')?", re.IGNORECASE
    ),
    "columns": re.compile(
        rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+(?:{_NAME}\.)?{_NAME}(?:\s+(?:IN|FROM)\s+{_NAME})?", re.IGNORECASE
    ),
    "partitions": re.compile(rf"SHOW\s+PARTITIONS\s+(?:{_NAME}\.)?{_NAME}", re.IGNORECASE),
    "describe": re.compile(
        rf"DESC(?:RIBE)?\s+(?:(?:EXTENDED|FORMATTED)\s+)?(?:{_NAME}\.)?{_NAME}", re.IGNORECASE
    ),
}
WIDTH = 20
Call = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """`names` are the database's and the table's, empty where the text does not say; `like` is Hive's pattern."""

    kind: str
    names: tuple[str, str] = ("", "")
    like: str = ""


def read(sql: str) -> Shown | None:
    """None for what is no SHOW or DESCRIBE."""
    text = " ".join(sql.strip().rstrip(";").split())
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found is None:
            continue
        like = found.groupdict().get("like") or ""
        groups = [one or "" for one in found.groups()]
        if kind == "databases":
            return Shown(kind, like=like)
        if kind == "tables":
            return Shown(kind, (groups[0], ""), like)
        database = groups[0] or (groups[2] if kind == "columns" else "")
        return Shown(kind, (database, groups[1]))
    return None


def run(session: Session, statement: Statement) -> Outcome:
    """Raises QueryFailedError with Glue's or Lake Formation's reason."""
    shown = read(statement.text)
    if shown is None:
        raise QueryFailedError("FAILED: ParseException line 1:0 cannot recognize input")
    database, world, caller = session.database, session.world, session.caller
    place = {} if session.catalog == CATALOG else {"CatalogId": full_id(session.catalog, caller.account)}

    def call(operation: str, **asked: Any) -> dict[str, Any]:
        decision = identity_decision(caller.arn, f"glue:{operation}", None)
        if decision is not Decision.ALLOW:
            raise QueryFailedError(refusal(caller.session_arn, f"glue:{operation}", "*", decision))
        try:
            return glue.HANDLERS[operation](world, caller, {**place, **asked})
        except AwsError as error:
            raise QueryFailedError(_reason(error)) from error

    named = shown.names[0] or database
    if shown.kind != "databases" and not named:
        raise QueryFailedError("FAILED: SemanticException no database is named")
    with world.lock:
        return Outcome(_ANSWERS[shown.kind](call, named.lower(), shown))


def _reason(error: AwsError) -> str:
    missing = error.code == "EntityNotFoundException"
    return f"FAILED: SemanticException [Error 10001]: {error.message}" if missing else error.message


def _databases(call: Call, _database: str, shown: Shown) -> Result:
    names = [one["Name"] for one in _all(call, "GetDatabases", "DatabaseList")]
    return _one_column("database_name", _like(names, shown.like))


def _tables(call: Call, database: str, shown: Shown) -> Result:
    call("GetDatabase", Name=database)
    names = [one["Name"] for one in _all(call, "GetTables", "TableList", DatabaseName=database)]
    return _one_column("tab_name", _like(names, shown.like))


def _columns(call: Call, database: str, shown: Shown) -> Result:
    return _one_column("field", [name for name, _, _ in _described(call, database, shown)])


def _partitions(call: Call, database: str, shown: Shown) -> Result:
    table = call("GetTable", DatabaseName=database, Name=shown.names[1])["Table"]
    keys = [one["Name"] for one in table.get("PartitionKeys", [])]
    found = _all(call, "GetPartitions", "Partitions", DatabaseName=database, TableName=shown.names[1])
    rows = [
        "/".join(f"{key}={value}" for key, value in zip(keys, one["Values"], strict=True)) for one in found
    ]
    return _one_column("partition", sorted(rows))


def _describe(call: Call, database: str, shown: Shown) -> Result:
    rows = ["\t".join(text.ljust(WIDTH) for text in line) for line in _described(call, database, shown)]
    columns = tuple((name, "string") for name in ("col_name", "data_type", "comment"))
    return Result(columns, tuple((row,) for row in rows))


def _described(call: Call, database: str, shown: Shown) -> list[tuple[str, str, str]]:
    table = call("GetTable", DatabaseName=database, Name=shown.names[1])["Table"]
    listed = [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]
    return [(one["Name"], one.get("Type", ""), one.get("Comment", "")) for one in listed]


def _all(call: Call, operation: str, member: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = call(operation, **asked, **more)
        found += answer.get(member, [])
        if "NextToken" not in answer:
            return found
        more = {"NextToken": answer["NextToken"]}


def _like(names: list[str], pattern: str) -> list[str]:
    """Hive's pattern: `*` is any run of characters, `|` an alternative."""
    if not pattern:
        return names
    parts = [".*".join(re.escape(one) for one in part.split("*")) for part in pattern.lower().split("|")]
    return [name for name in names if any(re.fullmatch(part, name) for part in parts)]


def _one_column(name: str, values: list[str]) -> Result:
    return Result(((name, "string"),), tuple((value,) for value in values))


_ANSWERS: dict[str, Callable[[Call, str, Shown], Result]] = {
    "databases": _databases,
    "tables": _tables,
    "columns": _columns,
    "partitions": _partitions,
    "describe": _describe,
}
