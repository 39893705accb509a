"""Prepared statements of a workgroup: by calls, and by PREPARE, EXECUTE and DEALLOCATE PREPARE."""

import re
from dataclasses import replace
from typing import Any

from mocklake.athena import parameters, parsing, queries
from mocklake.athena.failures import QueryFailedError, invalid
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_kinds import Kind
from mocklake.athena.store import PreparedStatement, require_in, store_of, workgroup_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 50
_PREPARE = re.compile(r"\s*PREPARE\s+(\w+)\s+FROM\s+(.*)", re.IGNORECASE | re.DOTALL)
_EXECUTE = re.compile(r"\s*EXECUTE\s+(\w+)(?:\s+USING\s+(.*))?", re.IGNORECASE | re.DOTALL)
_DEALLOCATE = re.compile(r"\s*DEALLOCATE\s+PREPARE\s+(\w+)\s*", re.IGNORECASE)


def create_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    name = str(asked["StatementName"])
    with world.lock:
        known = _of(world, caller, "CreatePreparedStatement", str(asked["WorkGroup"]))
        if name in known:
            raise invalid(f"Prepared statement {name} already exists in workgroup {asked['WorkGroup']}")
        known[name] = _new(world, asked)
    return {}


def update_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        known = _of(world, caller, "UpdatePreparedStatement", str(asked["WorkGroup"]))
        old = _found(known, asked)
        known[old.name] = _new(world, {"Description": old.description, **asked})
    return {}


def get_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    group = str(asked["WorkGroup"])
    with world.lock:
        found = _found(_of(world, caller, "GetPreparedStatement", group), asked)
        return {"PreparedStatement": _described(found, group)}


def batch_get_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    group, answers, missing = str(asked["WorkGroup"]), [], []
    with world.lock:
        known = _of(world, caller, "BatchGetPreparedStatement", group)
        for name in asked["PreparedStatementNames"]:
            try:
                answers.append(_described(_found(known, {"StatementName": name, "WorkGroup": group}), group))
            except AwsError as error:
                reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
                missing.append({"StatementName": name, **reason})
    return {"PreparedStatements": answers, "UnprocessedPreparedStatementNames": missing}


def list_prepared_statements(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        known = dict(_of(world, caller, "ListPreparedStatements", str(asked["WorkGroup"])))
    page, more = page_by_key(
        sorted(known),
        lambda name: {"StatementName": name, "LastModifiedTime": known[name].modified},
        token=asked.get("NextToken"),
        size=min(asked.get("MaxResults") or PAGE, PAGE),
        code="InvalidRequestException",
    )
    return {"PreparedStatements": page} | ({"NextToken": more} if more else {})


def delete_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        known = _of(world, caller, "DeletePreparedStatement", str(asked["WorkGroup"]))
        del known[_found(known, asked).name]
    return {}


def run(session: Session, statement: Statement) -> Outcome:
    """PREPARE, EXECUTE and DEALLOCATE PREPARE; they need the rights of the calls that do the same."""
    try:
        return _RUNS[statement.kind](session, statement.text)
    except AwsError as error:
        raise QueryFailedError(error.message) from error


def _prepare(session: Session, text: str) -> Outcome:
    name, sql = _read(_PREPARE, text)
    asked = {"StatementName": name, "WorkGroup": session.workgroup, "QueryStatement": sql.strip()}
    create_prepared_statement(session.world, session.caller, asked)
    return Outcome()


def _execute(session: Session, text: str) -> Outcome:
    name, given = _read(_EXECUTE, text)
    asked = {"StatementName": name, "WorkGroup": session.workgroup}
    with session.world.lock:
        found = _found(_of(session.world, session.caller, "GetPreparedStatement", session.workgroup), asked)
    values = parameters.split(given or "") or session.parameters
    return queries.run(replace(session, parameters=values), parsing.parse(found.sql))


def _deallocate(session: Session, text: str) -> Outcome:
    (name,) = _read(_DEALLOCATE, text)
    delete_prepared_statement(
        session.world, session.caller, {"StatementName": name, "WorkGroup": session.workgroup}
    )
    return Outcome()


_RUNS = {Kind.PREPARE: _prepare, Kind.EXECUTE: _execute, Kind.DEALLOCATE: _deallocate}


def _read(form: re.Pattern[str], text: str) -> tuple[Any, ...]:
    found = form.fullmatch(text)
    if found is None:
        raise invalid("line 1:1: mismatched input")
    return found.groups()


def _of(world: World, caller: Caller, operation: str, group: str) -> dict[str, PreparedStatement]:
    require_in(caller, operation, group)
    workgroup_of(world, caller, group)
    return store_of(world).prepared.setdefault((caller.account, caller.region, group), {})


def _found(known: dict[str, PreparedStatement], asked: dict[str, Any]) -> PreparedStatement:
    """Raises AwsError ResourceNotFoundException."""
    found = known.get(asked["StatementName"])
    if found is None:
        message = (
            f"PreparedStatement {asked['StatementName']} was not found in workGroup {asked['WorkGroup']}"
        )
        raise AwsError("ResourceNotFoundException", message)
    return found


def _new(world: World, asked: dict[str, Any]) -> PreparedStatement:
    return PreparedStatement(
        str(asked["StatementName"]),
        str(asked["QueryStatement"]),
        world.now(),
        str(asked.get("Description", "")),
    )


def _described(found: PreparedStatement, group: str) -> dict[str, Any]:
    described = {"Description": found.description} if found.description else {}
    return {
        "StatementName": found.name,
        "QueryStatement": found.sql,
        "WorkGroupName": group,
        "LastModifiedTime": found.modified,
    } | described
