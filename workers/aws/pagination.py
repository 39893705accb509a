"""Lists of AWS, page by page to the last one, or an AwsError."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from workers.aws.errors import read

Rows = list[dict[str, Any]]


def pages(
    ask: Callable[..., dict[str, Any]], rows: str, asked: dict[str, Any], *, following: str = "NextToken"
) -> Iterator[Rows]:
    """The pages of one list; `following` names the field with the token of the next.

    An empty page may carry a token: only a missing token is the end.
    """
    while True:
        answer = read(partial(ask, **asked))
        yield answer.get(rows) or []
        if not answer.get(following):
            return
        asked = {**asked, following: answer[following]}


def every_row(
    ask: Callable[..., dict[str, Any]], rows: str, asked: dict[str, Any], *, following: str = "NextToken"
) -> Rows:
    """The whole list."""
    return [row for page in pages(ask, rows, asked, following=following) for row in page]
