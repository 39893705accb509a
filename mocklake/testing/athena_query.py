"""An Athena query from its start to its rows."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """How an Athena query ended: rows as lists of text, or the reason."""

    state: str
    reason: str
    rows: list[list[str | None]]


def ask(athena: Any, sql: str, database: str = "") -> Answer:
    context = {"Database": database} if database else {}
    started = athena.start_query_execution(QueryString=sql, QueryExecutionContext=context)
    found = {"QueryExecutionId": started["QueryExecutionId"]}
    status = athena.get_query_execution(**found)["QueryExecution"]["Status"]
    if status["State"] != "SUCCEEDED":
        return Answer(status["State"], status["StateChangeReason"], [])
    rows = athena.get_query_results(**found)["ResultSet"]["Rows"]
    return Answer("SUCCEEDED", "", [[one.get("VarCharValue") for one in row["Data"]] for row in rows])
