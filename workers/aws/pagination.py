"""Reads lists of AWS page by page, completely, or raises AwsError."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from workers.aws.errors import read_with_retries

Rows = list[dict[str, Any]]


def iterate_pages(
    operation: Callable[..., dict[str, Any]],
    rows_field: str,
    request: dict[str, Any],
    *,
    page_field: str = "NextToken",
) -> Iterator[Rows]:
    """The pages of one list. `page_field` is the field with the token of the next page.

    An empty page may carry a token: only a missing token is the end.
    """
    while True:
        answer = read_with_retries(partial(operation, **request))
        yield answer.get(rows_field) or []
        if not answer.get(page_field):
            return
        request = {**request, page_field: answer[page_field]}


def read_all_rows(
    operation: Callable[..., dict[str, Any]],
    rows_field: str,
    request: dict[str, Any],
    *,
    page_field: str = "NextToken",
) -> Rows:
    """The whole list."""
    return [
        row for page in iterate_pages(operation, rows_field, request, page_field=page_field) for row in page
    ]
