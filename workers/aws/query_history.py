"""Reads the history of Athena's queries in an account and region."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from workers.aws.errors import read_with_retries
from workers.aws.pagination import Rows, iterate_pages, read_all_rows

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
    found: Rows = answer.get("QueryExecutions") or []
    return found
