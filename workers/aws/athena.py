"""Starts and stops queries in Athena, and reads their status and rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from workers.aws.calls import Rows, iterate_pages, read_all_rows
from workers.aws.errors import read_with_retries, translate_errors

RUNNING_STATES = frozenset({"QUEUED", "RUNNING"})
MAX_SAMPLE_LENGTH = 200
"""Characters of a sampled value."""
MAX_READ_ROWS = 1000
"""Rows of one page, with the heading."""
REFUSAL_TEXTS = ("COLUMN_NOT_FOUND", "cannot be resolved", "not authorized", "Insufficient", "ACCESS_DENIED")
"""Athena's messages for a column that the caller may not read (AWS, "Athena and Lake Formation")."""


@dataclass(frozen=True)
class QueryResult:
    """`state` is empty while the query runs; `reason` is Athena's. `scanned_bytes` is None where Athena says none."""

    state: str
    reason: str
    scanned_bytes: int | None = None

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


def start_sample(
    athena: Any, *, database: str, table: str, columns: Sequence[str], rows: int, workgroup: str
) -> str:
    """Start a query for a few rows of these columns, as shortened text; returns its id. AwsError."""
    listed = ", ".join(
        f"substr(CAST({_quote(column)} AS varchar), 1, {MAX_SAMPLE_LENGTH})" for column in columns
    )
    sql = f"SELECT {listed} FROM {_quote(database)}.{_quote(table)} LIMIT {rows:d}"  # noqa: S608 - quoted
    with translate_errors():
        answer = athena.start_query_execution(QueryString=sql, WorkGroup=workgroup)
    return str(answer["QueryExecutionId"])


def start_statement(athena: Any, sql: str, parameters: Sequence[str], *, workgroup: str, token: str) -> str:
    """Start a query; returns its id. `token` is the caller's own name for it: sent again, the same query is returned. AwsError."""
    given = {"ExecutionParameters": list(parameters)} if parameters else {}
    with translate_errors():
        answer = athena.start_query_execution(
            QueryString=sql, WorkGroup=workgroup, ClientRequestToken=token, **given
        )
    return str(answer["QueryExecutionId"])


def stop_query(athena: Any, execution: str) -> None:
    """Does nothing to a query that has ended. AwsError."""
    with translate_errors():
        athena.stop_query_execution(QueryExecutionId=execution)


def read_scan_limit(athena: Any, workgroup: str) -> int | None:
    """How many bytes a query in the workgroup scans at most; None without a limit that is enforced. AwsError."""
    found = read_with_retries(lambda: athena.get_work_group(WorkGroup=workgroup))["WorkGroup"]
    limit = found.get("Configuration", {}).get("BytesScannedCutoffPerQuery")
    return int(limit) if limit else None


def read_rows(athena: Any, execution: str) -> list[list[str | None]]:
    """The first rows of a query that succeeded, without the heading. AwsError."""
    answer = read_with_retries(
        lambda: athena.get_query_results(QueryExecutionId=execution, MaxResults=MAX_READ_ROWS)
    )
    rows = answer["ResultSet"]["Rows"][1:]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]


def iterate_rows(athena: Any, execution: str) -> Iterator[list[str | None]]:
    """All rows of a query that succeeded, without the heading. AwsError."""
    asked: dict[str, Any] = {"QueryExecutionId": execution, "MaxResults": MAX_READ_ROWS}
    skipped = 1
    while True:
        answer = read_with_retries(partial(athena.get_query_results, **asked))
        for row in answer["ResultSet"]["Rows"][skipped:]:
            yield [cell.get("VarCharValue") for cell in row["Data"]]
        if not (token := answer.get("NextToken")):
            return
        asked["NextToken"], skipped = token, 0


def read_query_result(athena: Any, execution: str) -> QueryResult:
    """The state of a query. AwsError."""
    answer = read_with_retries(lambda: athena.get_query_execution(QueryExecutionId=execution))
    found = answer["QueryExecution"]["Status"]
    if found["State"] in RUNNING_STATES:
        return QueryResult("", "")
    scanned = answer["QueryExecution"].get("Statistics", {}).get("DataScannedInBytes")
    return QueryResult(found["State"], found.get("StateChangeReason", ""), scanned)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


PAGE_SIZE = 50
"""The most that Athena takes and answers at once."""


def list_workgroups(athena: Any) -> list[str]:
    """Names. AwsError."""
    rows = read_all_rows(athena.list_work_groups, "WorkGroups", {"MaxResults": PAGE_SIZE})
    return sorted(str(row["Name"]) for row in rows)


def iterate_execution_pages(athena: Any, workgroup: str) -> Iterator[list[str]]:
    """Ids of the workgroup's queries, the newest first, of the last 45 days. AwsError."""
    request = {"WorkGroup": workgroup, "MaxResults": PAGE_SIZE}
    for page in iterate_pages(athena.list_query_executions, "QueryExecutionIds", request):
        yield [str(one) for one in page]


def read_executions(athena: Any, ids: Sequence[str]) -> Rows:
    """At most `PAGE_SIZE`; those that Athena no longer has are left out. AwsError."""
    if not ids:
        return []
    answer = read_with_retries(partial(athena.batch_get_query_execution, QueryExecutionIds=list(ids)))
    rows: Rows = answer.get("QueryExecutions") or []
    return rows
