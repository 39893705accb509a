"""Queries through Athena, and how they ended."""

from dataclasses import dataclass
from typing import Any

from workers.aws.errors import translated

RUNNING = frozenset({"QUEUED", "RUNNING"})
REFUSALS = ("COLUMN_NOT_FOUND", "cannot be resolved", "not authorized", "Insufficient", "ACCESS_DENIED")
"""How Athena words that a column is not there for who asks (AWS, "Athena and Lake Formation")."""


@dataclass(frozen=True)
class Ended:
    """`reason` is Athena's; of a query that still runs `state` is empty."""

    state: str
    reason: str

    @property
    def succeeded(self) -> bool:
        return self.state == "SUCCEEDED"

    @property
    def was_refused(self) -> bool:
        """Told from queries that failed for another cause: these prove nothing."""
        return self.state == "FAILED" and any(words in self.reason for words in REFUSALS)


def start(athena: Any, *, database: str, table: str, column: str) -> str:
    """Begin to read one value of a column, in the workgroup `primary`; Athena's id. AwsError."""
    sql = f"SELECT {_quoted(column)} FROM {_quoted(database)}.{_quoted(table)} LIMIT 1"  # noqa: S608 - quoted
    with translated():
        return str(athena.start_query_execution(QueryString=sql)["QueryExecutionId"])


def ended(athena: Any, execution: str) -> Ended:
    """How a query ended, if it has. AwsError."""
    with translated():
        found = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
    if found["State"] in RUNNING:
        return Ended("", "")
    return Ended(found["State"], found.get("StateChangeReason", ""))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
