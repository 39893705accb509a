"""Athena's calls: start a query, ask how it went, read its rows, page by page."""

import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from awsim.athena import auditing, engine, statement
from awsim.athena.failures import QueryFailedError
from awsim.callers import Caller
from awsim.catalog_ids import full_id
from awsim.errors import AwsError
from awsim.glue.store import find_catalog
from awsim.identity import require
from awsim.world import World

KEPT = 500
KEPT_ROWS = 50_000
PAGE = 1000
WORKGROUP = "primary"


@dataclass
class Execution:
    """One query, run to its end before StartQueryExecution answers."""

    id: str
    account: str
    region: str
    sql: str
    database: str
    submitted: datetime
    completed: datetime
    reason: str = ""
    result: engine.Result | None = None
    output: str = ""
    catalog: str = statement.CATALOG


@dataclass
class AthenaStore:
    """The newest executions by id."""

    executions: OrderedDict[str, Execution] = field(default_factory=OrderedDict)


def new_store() -> AthenaStore:
    return AthenaStore()


def start_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Raises AccessDeniedException without workgroup rights, InvalidRequestException for a wrong request."""
    _require(world, caller, "StartQueryExecution")
    _workgroup(asked.get("WorkGroup", WORKGROUP))
    sql = str(asked.get("QueryString", ""))
    context = asked.get("QueryExecutionContext") or {}
    place = str(context.get("Database") or ""), _catalog(world, caller, context.get("Catalog"))
    execution = _run(world, caller, sql, *place)
    execution.output = str((asked.get("ResultConfiguration") or {}).get("OutputLocation") or "")
    with world.lock:
        _keep(world.stores["athena"].executions, execution)
    return {"QueryExecutionId": execution.id}


def _keep(executions: OrderedDict[str, Execution], new: Execution) -> None:
    """The oldest go first: all that is kept is part of every snapshot."""
    executions[new.id] = new
    rows = sum(len(one.result.rows) for one in executions.values() if one.result)
    while len(executions) > KEPT or (rows > KEPT_ROWS and len(executions) > 1):
        _, oldest = executions.popitem(last=False)
        rows -= len(oldest.result.rows) if oldest.result else 0


def _catalog(world: World, caller: Caller, named: str | None) -> str:
    """Glue's own, or the path of a catalog nested in it."""
    catalog = str(named or statement.CATALOG).lower()
    nested = full_id(catalog, caller.account)
    if catalog != statement.CATALOG and find_catalog(world, nested, caller.region) is None:
        raise _invalid(f"Data catalog {named} was not found")
    return catalog


def _run(world: World, caller: Caller, sql: str, database: str, catalog: str) -> Execution:
    submitted, query_id = world.now(), str(uuid.uuid4())
    reason, result = "", None
    try:
        names = statement.tables_of(sql, database, catalog)
        with world.lock:
            loaded = [auditing.load(world, caller, name, query_id) for name in sorted(names)]
        result = engine.run(sql, loaded, database, catalog)
    except QueryFailedError as error:
        reason = str(error)
    return Execution(
        query_id,
        caller.account,
        caller.region,
        sql,
        database,
        submitted,
        world.now(),
        reason,
        result,
        catalog=catalog,
    )


def get_query_execution(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    _require(world, caller, "GetQueryExecution")
    execution = _execution(world, caller, asked)
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
        "QueryExecution": {
            "QueryExecutionId": execution.id,
            "Query": execution.sql,
            "StatementType": "DML",
            "ResultConfiguration": {"OutputLocation": execution.output} if execution.output else {},
            "QueryExecutionContext": {"Database": execution.database, "Catalog": execution.catalog},
            "Status": status,
            "Statistics": {"TotalExecutionTimeInMillis": milliseconds},
            "WorkGroup": WORKGROUP,
        }
    }


def get_query_results(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The first row of the first page holds the column names, as AWS has it."""
    _require(world, caller, "GetQueryResults")
    execution = _execution(world, caller, asked)
    if execution.result is None:
        raise _invalid("Query did not finish successfully. Final query state: FAILED")
    names = tuple(name for name, _ in execution.result.columns)
    rows = [names, *execution.result.rows]
    begin = _offset(asked.get("NextToken"))
    end = begin + min(int(asked.get("MaxResults") or PAGE), PAGE)
    answer: dict[str, Any] = {
        "UpdateCount": 0,
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
    _require(world, caller, "StopQueryExecution")
    _execution(world, caller, asked)
    return {}


def get_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    _require(world, caller, "GetWorkGroup")
    return {
        "WorkGroup": {"Name": _workgroup(asked.get("WorkGroup")), "State": "ENABLED", "Configuration": {}}
    }


def list_work_groups(world: World, caller: Caller, _asked: dict[str, Any]) -> dict[str, Any]:
    _require(world, caller, "ListWorkGroups")
    return {"WorkGroups": [{"Name": WORKGROUP, "State": "ENABLED"}]}


def _require(world: World, caller: Caller, operation: str) -> None:
    arn = f"arn:aws:athena:{caller.region}:{caller.account}:workgroup/{WORKGROUP}"
    with world.lock:
        require(caller, f"athena:{operation}", arn)


def _workgroup(name: Any) -> str:
    if name != WORKGROUP:
        raise _invalid(f"WorkGroup {name} is not found.")
    return WORKGROUP


def _execution(world: World, caller: Caller, asked: dict[str, Any]) -> Execution:
    wanted = str(asked.get("QueryExecutionId", ""))
    found: Execution | None = world.stores["athena"].executions.get(wanted)
    if found is None or (found.account, found.region) != (caller.account, caller.region):
        raise _invalid(f"QueryExecution {wanted} was not found")
    return found


def _offset(token: Any) -> int:
    if token is None:
        return 0
    if not str(token).isdigit():
        raise _invalid("The NextToken is not valid")
    return int(token)


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def _column(name: str, kind: str) -> dict[str, Any]:
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind,
        "Precision": 0, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": kind == "varchar",
    }  # fmt: skip


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "StartQueryExecution": start_query_execution,
    "GetQueryExecution": get_query_execution,
    "GetQueryResults": get_query_results,
    "StopQueryExecution": stop_query_execution,
    "GetWorkGroup": get_work_group,
    "ListWorkGroups": list_work_groups,
}
