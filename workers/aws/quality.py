"""Reads results of Glue Data Quality."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from workers.aws.errors import read_with_retries
from workers.aws.pagination import Rows

LIST_OPERATION, GET_OPERATION = "ListDataQualityResults", "BatchGetDataQualityResult"
LIST_SIZE, BATCH_SIZE = 1000, 100


def iterate_result_pages(
    glue: Any, after: datetime, before: datetime, wait: Callable[[str], bool]
) -> Iterator[Rows]:
    """Pages of ListDataQualityResults, of runs that started between the times. `wait` is called before each call, and ends the
    list if it returns False. AwsError.
    """
    asked = {"Filter": {"StartedAfter": after, "StartedBefore": before}, "MaxResults": LIST_SIZE}
    while wait(LIST_OPERATION):
        answer = read_with_retries(lambda asked=asked: glue.list_data_quality_results(**asked))  # type: ignore[misc]
        yield answer.get("Results") or []
        if not answer.get("NextToken"):
            return
        asked = {**asked, "NextToken": answer["NextToken"]}


def read_results(glue: Any, ids: Sequence[str]) -> Rows:
    """At most `BATCH_SIZE`; those that are gone are left out. AwsError."""
    found = read_with_retries(lambda: glue.batch_get_data_quality_result(ResultIds=list(ids)))
    return list(found.get("Results") or [])
