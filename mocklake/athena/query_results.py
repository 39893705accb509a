"""Rows of a query by pages, and what running it took."""

from typing import Any

from mocklake.athena.column_info import column_info
from mocklake.athena.execution_answer import timeline
from mocklake.athena.executions import found
from mocklake.athena.failures import invalid
from mocklake.athena.store import Execution
from mocklake.iam.callers import Caller
from mocklake.world import World

PAGE = 1000


def get_query_results(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The first row of the first page of a SELECT holds the column names."""
    with world.lock:
        execution = found(world, caller, asked, "GetQueryResults")
    if execution.state != "SUCCEEDED":
        raise invalid(f"Query did not finish successfully. Final query state: {execution.state}")
    result = execution.outcome.result
    rows = lines(execution)
    begin = _offset(asked.get("NextToken"))
    end = begin + min(int(asked.get("MaxResults") or PAGE), PAGE)
    answer: dict[str, Any] = {
        "UpdateCount": execution.outcome.update_count,
        "ResultSet": {
            "Rows": [{"Data": [_datum(value) for value in row]} for row in rows[begin:end]],
            "ResultSetMetadata": {"ColumnInfo": [column_info(*one) for one in result.columns]},
        },
    }
    if end < len(rows):
        answer["NextToken"] = str(end)
    return answer


def lines(execution: Execution) -> list[tuple[str | None, ...]]:
    result = execution.outcome.result
    heading = [tuple(name for name, _ in result.columns)] if execution.kind.has_heading else []
    return [*heading, *result.rows]


def get_query_runtime_statistics(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Without the plan's stages."""
    with world.lock:
        execution = found(world, caller, asked, "GetQueryRuntimeStatistics")
    rows = execution.outcome.result.rows
    counts = {
        "InputBytes": execution.outcome.scanned,
        "OutputRows": len(rows) or execution.outcome.update_count,
        "OutputBytes": sum(len(value or "") for row in rows for value in row),
    }
    return {"QueryRuntimeStatistics": {"Timeline": timeline(execution), "Rows": counts}}


def _offset(token: Any) -> int:
    if token is None:
        return 0
    if not str(token).isdigit():
        raise invalid("The NextToken is not valid")
    return int(token)


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
