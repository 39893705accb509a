"""An Athena query from its start to its rows, as a client goes about it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mocklake.scenarios.places import Call, RefusedError

_UNDER_WAY = ("QUEUED", "RUNNING")
_PAUSE = 0.5
_PATIENCE = 120


def ask(send: Callable[[Call], Any], call: Call, sql: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """`{"columns": […], "rows": [[…]]}`, all values as text or None; `call` says who and where.

    Rows of SHOW and DESCRIBE have no heading.

    Raises RefusedError, with the code FAILED and the reason for a query that did not succeed.
    """
    context = {"Database": members["database"]} if "database" in members else {}
    asked = {"QueryString": sql, "QueryExecutionContext": context, **members.get("with", {})}
    started = send(replace(call, operation="StartQueryExecution", parameters=asked))
    which = {"QueryExecutionId": started["QueryExecutionId"]}
    status = _ended(send, replace(call, operation="GetQueryExecution", parameters=which))
    if status["State"] != "SUCCEEDED":
        raise RefusedError(status["State"], status.get("StateChangeReason", ""))
    answer = send(replace(call, operation="GetQueryResults", parameters=which))["ResultSet"]
    columns = [one["Name"] for one in answer["ResultSetMetadata"]["ColumnInfo"]]
    rows = [[one.get("VarCharValue") for one in row["Data"]] for row in answer["Rows"]]
    return {"columns": columns, "rows": rows[1:] if rows[:1] == [columns] else rows}


def _ended(send: Callable[[Call], Any], call: Call) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE
    while True:
        status: dict[str, Any] = send(call)["QueryExecution"]["Status"]
        if status["State"] not in _UNDER_WAY or time.monotonic() > until:
            return status
        time.sleep(_PAUSE)
