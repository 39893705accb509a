"""Athena's calls about queries: start one, ask how it went, read its rows by pages, list and stop."""

import re
import time
import uuid
from dataclasses import replace
from typing import Any

from mocklake.athena import outputs, parsing
from mocklake.athena.failures import QueryFailedError, invalid
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Result, Session
from mocklake.athena.sql_text import CATALOG
from mocklake.athena.statement_handlers import HANDLERS
from mocklake.athena.store import (
    PRIMARY,
    Execution,
    ResultSettings,
    WorkGroup,
    engine_version,
    execution_of,
    keep,
    require_in,
    result_settings,
    store_of,
    workgroup_of,
)
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.store import find_catalog
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

LISTED = 50
_ERROR_TYPES = (
    ("Query timeout", 1, 206, True),
    ("HIVE_", 2, 1001, False),
    ("INVALID_PARAMETER_USAGE", 2, 1006, False),
    ("Access denied when writing output", 2, 401, False),
)
"""Beginnings of reasons with category, type and whether to try again (Athena User Guide, error-reference)."""
_USER_ERROR = (2, 1000, False)
PAGE = 1000
LONGEST = 2_147_483_647
_PRECISIONS = {
    "boolean": 0, "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "float": 17, "double": 17, "date": 0,
    "timestamp": 3, "timestamp with time zone": 3, "time": 3, "time with time zone": 3,
    "varchar": LONGEST, "varbinary": 1_073_741_824,
}  # fmt: skip
_WITH_NUMBERS = re.compile(r"(varchar|char|decimal)\((\d+)(?:,\s*(\d+))?\)")
_CASE_SENSITIVE = {"varchar", "char"}


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
    same = (
        execution
        for execution in store_of(world).executions.values()
        if (*execution.place[:2], execution.token) == here
    )
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
        return {"QueryExecution": described(find_execution(world, caller, asked, "GetQueryExecution"))}


def batch_get_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What is not there, or not the caller's to see, is told by its id."""
    answers, missing = [], []
    with world.lock:
        for wanted in asked["QueryExecutionIds"]:
            try:
                execution = find_execution(
                    world, caller, {"QueryExecutionId": wanted}, "BatchGetQueryExecution"
                )
                answers.append(described(execution))
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
        inside = [execution for execution in store_of(world).executions.values() if execution.place == here]
    ordered = {_sort_newest_first(one): one.id for one in inside}
    page, more = page_by_key(
        sorted(ordered),
        lambda key: ordered[key],
        token=asked.get("NextToken"),
        size=min(asked.get("MaxResults", LISTED), LISTED),
        code="InvalidRequestException",
    )
    return {"QueryExecutionIds": page} | ({"NextToken": more} if more else {})


def _sort_newest_first(execution: Execution) -> str:
    """A text that sorts later queries in front."""
    return f"{10**17 - int(execution.submitted.timestamp() * 1_000_000):017d} {execution.id}"


def stop_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Nothing to stop: every query has ended when it is answered."""
    with world.lock:
        find_execution(world, caller, asked, "StopQueryExecution")
    return {}


def find_execution(world: World, caller: Caller, asked: dict[str, Any], operation: str) -> Execution:
    """An id that is not there is told to whoever may do the call in `primary`."""
    wanted = str(asked.get("QueryExecutionId", ""))
    known = store_of(world).executions.get(wanted)
    require_in(caller, operation, known.workgroup if known else PRIMARY)
    return execution_of(world, caller, wanted)


def described(execution: Execution) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "QueryExecutionId": execution.id,
        "Query": execution.sql,
        "StatementType": execution.kind.statement_type,
        "SubstatementType": execution.kind.value,
        "ResultConfiguration": _result_configuration(execution),
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": _context(execution),
        "Status": _status(execution),
        "Statistics": _statistics(execution),
        "WorkGroup": execution.workgroup,
        "EngineVersion": engine_version({}),
    }
    if execution.results.managed:
        answer["ManagedQueryResultsConfiguration"] = {"Enabled": True}
    if execution.parameters:
        answer["ExecutionParameters"] = list(execution.parameters)
    return answer


def _result_configuration(execution: Execution) -> dict[str, Any]:
    return {
        **execution.results.configuration,
        **({"OutputLocation": execution.output} if execution.output else {}),
    }


def _context(execution: Execution) -> dict[str, str]:
    given = {"Database": execution.database} if execution.database else {}
    return {"Catalog": execution.catalog, **given}


def _status(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {
        "State": execution.state,
        "SubmissionDateTime": execution.submitted,
        "CompletionDateTime": execution.completed,
    }
    if execution.reason:
        status["StateChangeReason"] = execution.reason
    if execution.state == "FAILED":
        status["AthenaError"] = _error(execution.reason)
    return status


def _error(reason: str) -> dict[str, Any]:
    known = (rest for words, *rest in _ERROR_TYPES if reason.startswith(words))
    category, kind, retryable = next(known, _USER_ERROR)
    return {"ErrorCategory": category, "ErrorType": kind, "Retryable": retryable, "ErrorMessage": reason}


def _statistics(execution: Execution) -> dict[str, Any]:
    answer = timeline(execution) | {
        "DataScannedInBytes": execution.outcome.scanned,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
    return answer | ({"DataManifestLocation": execution.manifest} if execution.manifest else {})


def timeline(execution: Execution) -> dict[str, Any]:
    engine = max(1, int(execution.engine_seconds * 1000))
    passed = int((execution.completed - execution.submitted).total_seconds() * 1000)
    return {
        "QueryQueueTimeInMillis": 0,
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": 0,
        "EngineExecutionTimeInMillis": engine,
        "ServiceProcessingTimeInMillis": 0,
        "TotalExecutionTimeInMillis": max(engine, passed),
    }


def get_query_results(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The first row of the first page of a SELECT holds the column names."""
    with world.lock:
        execution = find_execution(world, caller, asked, "GetQueryResults")
    if execution.state != "SUCCEEDED":
        raise invalid(f"Query did not finish successfully. Final query state: {execution.state}")
    result = execution.outcome.result
    rows = list_rows(execution)
    begin = _read_offset(asked.get("NextToken"))
    end = begin + min(int(asked.get("MaxResults") or PAGE), PAGE)
    answer: dict[str, Any] = {
        "UpdateCount": execution.outcome.update_count,
        "ResultSet": {
            "Rows": [{"Data": [_build_datum(value) for value in row]} for row in rows[begin:end]],
            "ResultSetMetadata": {"ColumnInfo": [build_column_info(*column) for column in result.columns]},
        },
    }
    if end < len(rows):
        answer["NextToken"] = str(end)
    return answer


def list_rows(execution: Execution) -> list[tuple[str | None, ...]]:
    result = execution.outcome.result
    heading = [tuple(name for name, _ in result.columns)] if execution.kind.has_heading else []
    return [*heading, *result.rows]


def get_query_runtime_statistics(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Without the plan's stages."""
    with world.lock:
        execution = find_execution(world, caller, asked, "GetQueryRuntimeStatistics")
    rows = execution.outcome.result.rows
    counts = {
        "InputBytes": execution.outcome.scanned,
        "OutputRows": len(rows) or execution.outcome.update_count,
        "OutputBytes": sum(len(value or "") for row in rows for value in row),
    }
    return {"QueryRuntimeStatistics": {"Timeline": timeline(execution), "Rows": counts}}


def _read_offset(token: Any) -> int:
    if token is None:
        return 0
    if not str(token).isdigit():
        raise invalid("The NextToken is not valid")
    return int(token)


def _build_datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def build_column_info(name: str, kind: str) -> dict[str, Any]:
    """`kind` as in `Result.columns`. Nested types are told without what is in them."""
    found = _WITH_NUMBERS.fullmatch(kind)
    outer = found[1] if found else kind.partition("(")[0].partition("<")[0]
    precision = int(found[2]) if found else _PRECISIONS.get(outer, 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": outer,
        "Precision": precision,
        "Scale": int(found[3] or 0) if found else 0,
        "Nullable": "UNKNOWN",
        "CaseSensitive": outer in _CASE_SENSITIVE,
    }
