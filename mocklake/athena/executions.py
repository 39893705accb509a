"""Athena's calls about queries: start one, ask how it went, list and stop."""

import time
import uuid
from dataclasses import replace
from typing import Any

from mocklake.athena import outputs, parsing
from mocklake.athena.execution_answer import described
from mocklake.athena.failures import QueryFailedError, invalid
from mocklake.athena.names import CATALOG
from mocklake.athena.parsing import Statement
from mocklake.athena.results import Result
from mocklake.athena.session import Session
from mocklake.athena.statement_handlers import HANDLERS
from mocklake.athena.store import (
    PRIMARY,
    Execution,
    WorkGroup,
    execution_of,
    keep,
    require_in,
    store_of,
    workgroup_of,
)
from mocklake.athena.workgroup_settings import ResultSettings, result_settings
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.store import find_catalog
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

LISTED = 50


def start_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Raises AccessDeniedException without workgroup rights, InvalidRequestException for a wrong request.

    The same ClientRequestToken starts nothing twice.
    """
    with world.lock:
        group = _usable(world, caller, str(asked.get("WorkGroup") or PRIMARY))
        started = _started(world, caller, asked)
        if started is not None:
            return {"QueryExecutionId": started.id}
        catalog = _catalog(world, caller, (asked.get("QueryExecutionContext") or {}).get("Catalog"))
        settings = result_settings(group.configuration, asked)
        outputs.check(caller, settings.location)
        statement = parsing.parse(str(asked["QueryString"]))
        if statement.kind not in HANDLERS:
            raise invalid("Queries of this type are not supported")
    execution = _begun(world, caller, asked, group, settings, statement=statement, catalog=catalog)
    _run(world, caller, execution, statement)
    with world.lock:
        _limit_scan(execution, group)
        outputs.write(caller, execution)
        keep(world, execution)
    return {"QueryExecutionId": execution.id}


def _usable(world: World, caller: Caller, name: str) -> WorkGroup:
    require_in(caller, "StartQueryExecution", name)
    group = workgroup_of(world, caller, name)
    if group.state != "ENABLED":
        raise invalid(f"WorkGroup {name} is disabled.")
    return group


def _started(world: World, caller: Caller, asked: dict[str, Any]) -> Execution | None:
    token = asked.get("ClientRequestToken")
    here = (caller.account, caller.region, token)
    same = (one for one in store_of(world).executions.values() if (*one.place[:2], one.token) == here)
    started = next(same, None) if token else None
    if started is not None and started.sql != asked.get("QueryString"):
        raise invalid("Idempotent parameters do not match")
    return started


def _catalog(world: World, caller: Caller, named: str | None) -> str:
    """Glue's own, or the path of a catalog nested in it."""
    catalog = str(named or CATALOG).lower()
    nested = full_id(catalog, caller.account)
    if catalog != CATALOG and find_catalog(world, nested, caller.region) is None:
        raise invalid(f"Data catalog {named} was not found")
    return catalog


def _begun(
    world: World,
    caller: Caller,
    asked: dict[str, Any],
    group: WorkGroup,
    settings: ResultSettings,
    *,
    statement: Statement,
    catalog: str,
) -> Execution:
    now = world.now()
    return Execution(
        str(uuid.uuid4()),
        caller.account,
        caller.region,
        str(asked["QueryString"]),
        str((asked.get("QueryExecutionContext") or {}).get("Database") or ""),
        now,
        now,
        settings,
        catalog=catalog,
        workgroup=group.name,
        kind=statement.kind,
        token=str(asked.get("ClientRequestToken") or ""),
        parameters=tuple(asked.get("ExecutionParameters") or ()),
    )


def _run(world: World, caller: Caller, execution: Execution, statement: Statement) -> None:
    begin = time.perf_counter()
    try:
        execution.outcome = HANDLERS[statement.kind](_session(world, caller, execution), statement)
    except QueryFailedError as error:
        execution.state, execution.reason = "FAILED", str(error)
    execution.engine_seconds = time.perf_counter() - begin
    execution.completed = world.now()


def _session(world: World, caller: Caller, execution: Execution) -> Session:
    return Session(
        world,
        caller,
        execution.id,
        execution.database.strip('`"'),
        execution.catalog,
        execution.results.location,
        execution.parameters,
        execution.workgroup,
    )


def _limit_scan(execution: Execution, group: WorkGroup) -> None:
    limit = group.configuration.get("BytesScannedCutoffPerQuery")
    if limit and execution.outcome.scanned > limit:
        execution.state, execution.reason = "CANCELLED", "Query cancelled! : Bytes scanned limit was exceeded"
        execution.outcome = replace(execution.outcome, result=Result())


def get_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        return {"QueryExecution": described(found(world, caller, asked, "GetQueryExecution"))}


def batch_get_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What is not there, or not the caller's to see, is told by its id."""
    answers, missing = [], []
    with world.lock:
        for wanted in asked["QueryExecutionIds"]:
            try:
                one = found(world, caller, {"QueryExecutionId": wanted}, "BatchGetQueryExecution")
                answers.append(described(one))
            except AwsError as error:
                reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
                missing.append({"QueryExecutionId": wanted, **reason})
    return {"QueryExecutions": answers, "UnprocessedQueryExecutionIds": missing}


def list_query_executions(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Ids of the workgroup's queries, the newest first."""
    name = str(asked.get("WorkGroup") or PRIMARY)
    with world.lock:
        require_in(caller, "ListQueryExecutions", name)
        workgroup_of(world, caller, name)
        here = (caller.account, caller.region, name)
        inside = [one for one in store_of(world).executions.values() if one.place == here]
    ordered = {_newest_first(one): one.id for one in inside}
    page, more = page_by_key(
        sorted(ordered),
        lambda key: ordered[key],
        token=asked.get("NextToken"),
        size=min(asked.get("MaxResults", LISTED), LISTED),
        code="InvalidRequestException",
    )
    return {"QueryExecutionIds": page} | ({"NextToken": more} if more else {})


def _newest_first(execution: Execution) -> str:
    """A text that sorts later queries in front."""
    return f"{10**17 - int(execution.submitted.timestamp() * 1_000_000):017d} {execution.id}"


def stop_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Nothing to stop: every query has ended when it is answered."""
    with world.lock:
        found(world, caller, asked, "StopQueryExecution")
    return {}


def found(world: World, caller: Caller, asked: dict[str, Any], operation: str) -> Execution:
    """An id that is not there is told to whoever may do the call in `primary`."""
    wanted = str(asked.get("QueryExecutionId", ""))
    known = store_of(world).executions.get(wanted)
    require_in(caller, operation, known.workgroup if known else PRIMARY)
    return execution_of(world, caller, wanted)
