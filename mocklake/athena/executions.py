"""Athena's calls about queries: start one, ask how it went, read its rows, page by page."""

import uuid
from typing import Any

from mocklake.athena import outputs, parsing
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Session
from mocklake.athena.statement_handlers import HANDLERS
from mocklake.athena.store import (
    PRIMARY,
    Execution,
    WorkGroup,
    execution_of,
    invalid,
    keep,
    require_in,
    store_of,
    workgroup_of,
)
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.store import find_catalog
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 1000
LISTED = 50


def start_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Raises AccessDeniedException without workgroup rights, InvalidRequestException for a wrong request.

    The same ClientRequestToken starts nothing twice. Results are written to S3 where the request or the workgroup
    names a place; AWS demands one.
    """
    with world.lock:
        group = _usable(world, caller, str(asked.get("WorkGroup") or PRIMARY))
        started = _started(world, caller, asked)
        if started is not None:
            return {"QueryExecutionId": started.id}
        context = asked.get("QueryExecutionContext") or {}
        catalog = _catalog(world, caller, context.get("Catalog"))
        output = _output(group, asked)
        outputs.check(caller, output)
        statement = parsing.parse(str(asked["QueryString"]))
        _check_kind(statement)
    execution = _begun(world, caller, asked, group, catalog)
    execution.kind, execution.substatement = statement.kind.statement_type, statement.kind.value
    _run(_session(world, caller, execution, output), statement, execution)
    with world.lock:
        execution.output = outputs.write(caller, execution, output)
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
    found = (
        one for one in store_of(world).executions.values() if (one.account, one.region, one.token) == here
    )
    started = next(found, None) if token else None
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


def _output(group: WorkGroup, asked: dict[str, Any]) -> str:
    """The workgroup's place where it enforces its own, else the request's."""
    given = str((asked.get("ResultConfiguration") or {}).get("OutputLocation") or "")
    enforced = group.configuration.get("EnforceWorkGroupConfiguration", False)
    return group.output if enforced or not given else given


def _begun(world: World, caller: Caller, asked: dict[str, Any], group: WorkGroup, catalog: str) -> Execution:
    now = world.now()
    return Execution(
        str(uuid.uuid4()),
        caller.account,
        caller.region,
        str(asked.get("QueryString", "")),
        str((asked.get("QueryExecutionContext") or {}).get("Database") or ""),
        now,
        now,
        catalog=catalog,
        workgroup=group.name,
        token=str(asked.get("ClientRequestToken") or ""),
    )


def _check_kind(statement: Statement) -> None:
    if statement.kind not in HANDLERS:
        raise invalid("Queries of this type are not supported")


def _session(world: World, caller: Caller, execution: Execution, output: str) -> Session:
    return Session(world, caller, execution.id, execution.database, execution.catalog, output)


def _run(session: Session, statement: Statement, execution: Execution) -> None:
    try:
        outcome = HANDLERS[statement.kind](session, statement)
    except QueryFailedError as error:
        execution.reason = str(error)
    else:
        execution.result = outcome.result
        execution.update_count, execution.scanned = outcome.update_count, outcome.scanned
    execution.completed = session.world.now()


def get_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        return {"QueryExecution": _answer(_found(world, caller, asked, "GetQueryExecution"))}


def batch_get_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What is not there, or not the caller's to see, is told by its id."""
    answers, missing = [], []
    with world.lock:
        for wanted in asked["QueryExecutionIds"]:
            try:
                found = _found(world, caller, {"QueryExecutionId": wanted}, "BatchGetQueryExecution")
                answers.append(_answer(found))
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
        found = [
            one
            for one in store_of(world).executions.values()
            if (one.account, one.region, one.workgroup) == here
        ]
    ordered = {_newest_first(one): one.id for one in found}
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


def get_query_results(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The first row of the first page holds the column names, as AWS has it for SELECT."""
    with world.lock:
        execution = _found(world, caller, asked, "GetQueryResults")
    if execution.result is None:
        raise invalid("Query did not finish successfully. Final query state: FAILED")
    names = tuple(name for name, _ in execution.result.columns)
    rows = [names, *execution.result.rows] if execution.kind == "DML" else list(execution.result.rows)
    begin = _offset(asked.get("NextToken"))
    end = begin + min(int(asked.get("MaxResults") or PAGE), PAGE)
    answer: dict[str, Any] = {
        "UpdateCount": execution.update_count,
        "ResultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in rows[begin:end]],
            "ResultSetMetadata": {"ColumnInfo": [_column(*one) for one in execution.result.columns]},
        },
    }
    if end < len(rows):
        answer["NextToken"] = str(end)
    return answer


def stop_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Nothing to stop: every query has ended when it is answered."""
    with world.lock:
        _found(world, caller, asked, "StopQueryExecution")
    return {}


def _found(world: World, caller: Caller, asked: dict[str, Any], operation: str) -> Execution:
    """An id that is not there is told to whoever may do the call in `primary`."""
    wanted = str(asked.get("QueryExecutionId", ""))
    known = store_of(world).executions.get(wanted)
    require_in(caller, operation, known.workgroup if known else PRIMARY)
    return execution_of(world, caller, wanted)


def _answer(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {
        "State": "FAILED" if execution.result is None else "SUCCEEDED",
        "SubmissionDateTime": execution.submitted,
        "CompletionDateTime": execution.completed,
    }
    if execution.reason:
        status["StateChangeReason"] = execution.reason
        status["AthenaError"] = {"ErrorCategory": 2, "ErrorMessage": execution.reason, "Retryable": False}
    milliseconds = int((execution.completed - execution.submitted).total_seconds() * 1000)
    return {
        "QueryExecutionId": execution.id,
        "Query": execution.sql,
        "StatementType": execution.kind,
        "SubstatementType": execution.substatement,
        "ResultConfiguration": {"OutputLocation": execution.output} if execution.output else {},
        "QueryExecutionContext": {"Database": execution.database, "Catalog": execution.catalog},
        "Status": status,
        "Statistics": {"TotalExecutionTimeInMillis": milliseconds, "DataScannedInBytes": execution.scanned},
        "WorkGroup": execution.workgroup,
    }


def _offset(token: Any) -> int:
    if token is None:
        return 0
    if not str(token).isdigit():
        raise invalid("The NextToken is not valid")
    return int(token)


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def _column(name: str, kind: str) -> dict[str, Any]:
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind,
        "Precision": 0, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": kind == "varchar",
    }  # fmt: skip
