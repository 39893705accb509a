"""Statements that a workgroup keeps: named queries, and prepared statements by calls, PREPARE and EXECUTE."""

import re
import uuid
from dataclasses import replace
from typing import Any

from mocklake.athena import parsing, queries
from mocklake.athena.failures import QueryFailedError, invalid
from mocklake.athena.parsing import Kind, Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.store import PRIMARY, NamedQuery, PreparedStatement, require_in, store_of, workgroup_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 50
_PREPARE = re.compile(r"\s*PREPARE\s+(\w+)\s+FROM\s+(.*)", re.IGNORECASE | re.DOTALL)
_EXECUTE = re.compile(r"\s*EXECUTE\s+(\w+)(?:\s+USING\s+(.*))?", re.IGNORECASE | re.DOTALL)
_DEALLOCATE = re.compile(r"\s*DEALLOCATE\s+PREPARE\s+(\w+)\s*", re.IGNORECASE)


def create_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The same ClientRequestToken makes nothing twice."""
    group, token = str(asked.get("WorkGroup") or PRIMARY), str(asked.get("ClientRequestToken") or "")
    with world.lock:
        require_in(caller, "CreateNamedQuery", group)
        workgroup_of(world, caller, group)
        place, queries = (caller.account, caller.region, group), store_of(world).named_queries
        same = (
            query.id for query in queries.values() if token and (query.place, query.token) == (place, token)
        )
        known = next(same, None)
        if known is not None:
            return {"NamedQueryId": known}
        new = NamedQuery(
            str(uuid.uuid4()),
            place,
            str(asked["Name"]),
            str(asked["Database"]),
            str(asked["QueryString"]),
            str(asked.get("Description", "")),
            token,
        )
        queries[new.id] = new
    return {"NamedQueryId": new.id}


def get_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        return {
            "NamedQuery": _describe_named_query(
                _find_named_query(world, caller, "GetNamedQuery", str(asked["NamedQueryId"]))
            )
        }


def batch_get_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    answers, missing = [], []
    with world.lock:
        for wanted in asked["NamedQueryIds"]:
            try:
                answers.append(
                    _describe_named_query(_find_named_query(world, caller, "BatchGetNamedQuery", wanted))
                )
            except AwsError as error:
                reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
                missing.append({"NamedQueryId": wanted, **reason})
    return {"NamedQueries": answers, "UnprocessedNamedQueryIds": missing}


def list_named_queries(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    group = str(asked.get("WorkGroup") or PRIMARY)
    with world.lock:
        require_in(caller, "ListNamedQueries", group)
        workgroup_of(world, caller, group)
        here = (caller.account, caller.region, group)
        ids = sorted(
            named_query.id
            for named_query in store_of(world).named_queries.values()
            if named_query.place == here
        )
    page, more = page_by_key(
        ids,
        lambda key: key,
        token=asked.get("NextToken"),
        size=min(asked.get("MaxResults") or PAGE, PAGE),
        code="InvalidRequestException",
    )
    return {"NamedQueryIds": page} | ({"NextToken": more} if more else {})


def update_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        named_query = _find_named_query(world, caller, "UpdateNamedQuery", str(asked["NamedQueryId"]))
        named_query.name, named_query.sql = str(asked["Name"]), str(asked["QueryString"])
        named_query.description = str(asked.get("Description", named_query.description))
    return {}


def delete_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        named_query = _find_named_query(world, caller, "DeleteNamedQuery", str(asked["NamedQueryId"]))
        del store_of(world).named_queries[named_query.id]
    return {}


def _find_named_query(world: World, caller: Caller, operation: str, wanted: str) -> NamedQuery:
    known = store_of(world).named_queries.get(wanted)
    is_here = known is not None and known.place[:2] == (caller.account, caller.region)
    require_in(caller, operation, known.place[2] if known and is_here else PRIMARY)
    if known is None or not is_here:
        raise invalid(f"NamedQuery {wanted} was not found")
    return known


def _describe_named_query(query: NamedQuery) -> dict[str, Any]:
    described = {"Description": query.description} if query.description else {}
    return {
        "NamedQueryId": query.id,
        "Name": query.name,
        "Database": query.database,
        "QueryString": query.sql,
        "WorkGroup": query.place[2],
    } | described


def create_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    name = str(asked["StatementName"])
    with world.lock:
        prepared = _list_prepared(world, caller, "CreatePreparedStatement", str(asked["WorkGroup"]))
        if name in prepared:
            raise invalid(f"Prepared statement {name} already exists in workgroup {asked['WorkGroup']}")
        prepared[name] = _build_prepared(world, asked)
    return {}


def update_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        prepared = _list_prepared(world, caller, "UpdatePreparedStatement", str(asked["WorkGroup"]))
        old = _find_prepared(prepared, asked)
        prepared[old.name] = _build_prepared(world, {"Description": old.description, **asked})
    return {}


def get_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    group = str(asked["WorkGroup"])
    with world.lock:
        prepared = _find_prepared(_list_prepared(world, caller, "GetPreparedStatement", group), asked)
        return {"PreparedStatement": _describe_prepared(prepared, group)}


def batch_get_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    group, answers, missing = str(asked["WorkGroup"]), [], []
    with world.lock:
        prepared = _list_prepared(world, caller, "BatchGetPreparedStatement", group)
        for name in asked["PreparedStatementNames"]:
            try:
                answers.append(
                    _describe_prepared(
                        _find_prepared(prepared, {"StatementName": name, "WorkGroup": group}), group
                    )
                )
            except AwsError as error:
                reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
                missing.append({"StatementName": name, **reason})
    return {"PreparedStatements": answers, "UnprocessedPreparedStatementNames": missing}


def list_prepared_statements(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        prepared = dict(_list_prepared(world, caller, "ListPreparedStatements", str(asked["WorkGroup"])))
    page, more = page_by_key(
        sorted(prepared),
        lambda name: {"StatementName": name, "LastModifiedTime": prepared[name].modified},
        token=asked.get("NextToken"),
        size=min(asked.get("MaxResults") or PAGE, PAGE),
        code="InvalidRequestException",
    )
    return {"PreparedStatements": page} | ({"NextToken": more} if more else {})


def delete_prepared_statement(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        prepared = _list_prepared(world, caller, "DeletePreparedStatement", str(asked["WorkGroup"]))
        del prepared[_find_prepared(prepared, asked).name]
    return {}


def run_prepared(session: Session, statement: Statement) -> Outcome:
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
        prepared = _find_prepared(
            _list_prepared(session.world, session.caller, "GetPreparedStatement", session.workgroup), asked
        )
    values = queries.split_values(given or "") or session.parameters
    return queries.run_query(replace(session, parameters=values), parsing.parse(prepared.sql))


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


def _list_prepared(world: World, caller: Caller, operation: str, group: str) -> dict[str, PreparedStatement]:
    require_in(caller, operation, group)
    workgroup_of(world, caller, group)
    return store_of(world).prepared.setdefault((caller.account, caller.region, group), {})


def _find_prepared(known: dict[str, PreparedStatement], asked: dict[str, Any]) -> PreparedStatement:
    """Raises AwsError ResourceNotFoundException."""
    found = known.get(asked["StatementName"])
    if found is None:
        message = (
            f"PreparedStatement {asked['StatementName']} was not found in workGroup {asked['WorkGroup']}"
        )
        raise AwsError("ResourceNotFoundException", message)
    return found


def _build_prepared(world: World, asked: dict[str, Any]) -> PreparedStatement:
    return PreparedStatement(
        str(asked["StatementName"]),
        str(asked["QueryStatement"]),
        world.now(),
        str(asked.get("Description", "")),
    )


def _describe_prepared(found: PreparedStatement, group: str) -> dict[str, Any]:
    described = {"Description": found.description} if found.description else {}
    return {
        "StatementName": found.name,
        "QueryStatement": found.sql,
        "WorkGroupName": group,
        "LastModifiedTime": found.modified,
    } | described
