"""Starts queries in Athena and reads their results' status."""

from dataclasses import dataclass
from typing import Any

from workers.aws.errors import read_with_retries, translate_errors

RUNNING_STATES = frozenset({"QUEUED", "RUNNING"})
REFUSAL_TEXTS = ("COLUMN_NOT_FOUND", "cannot be resolved", "not authorized", "Insufficient", "ACCESS_DENIED")
"""Athena's messages for a column that the caller may not read (AWS, "Athena and Lake Formation")."""


@dataclass(frozen=True)
class QueryResult:
    """`state` is empty while the query runs; `reason` is Athena's."""

    state: str
    reason: str

    @property
    def succeeded(self) -> bool:
        return self.state == "SUCCEEDED"

    @property
    def was_refused(self) -> bool:
        """Whether access was refused, and the query did not fail for another reason."""
        return self.state == "FAILED" and any(words in self.reason for words in REFUSAL_TEXTS)


def start_query(athena: Any, *, database: str, table: str, column: str) -> str:
    """Start a query for one value of a column, in the workgroup `primary`; returns its id. AwsError."""
    sql = f"SELECT {_quote(column)} FROM {_quote(database)}.{_quote(table)} LIMIT 1"  # noqa: S608 - quoted
    with translate_errors():
        return str(athena.start_query_execution(QueryString=sql)["QueryExecutionId"])


def read_query_result(athena: Any, execution: str) -> QueryResult:
    """The state of a query. AwsError."""
    answer = read_with_retries(lambda: athena.get_query_execution(QueryExecutionId=execution))
    found = answer["QueryExecution"]["Status"]
    if found["State"] in RUNNING_STATES:
        return QueryResult("", "")
    return QueryResult(found["State"], found.get("StateChangeReason", ""))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
