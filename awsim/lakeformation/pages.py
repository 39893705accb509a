"""Pages of Lake Formation's listings, with the empty page that real ones slip in at times."""

from collections.abc import Callable, Iterable
from itertools import islice
from random import Random
from typing import Any, TypeVar

from awsim.errors import AwsError
from awsim.paging import read_token, write_token

Item = TypeVar("Item")
Position = list[Any]
EMPTY_PAGE_CHANCE = 0.3


def page(
    items: Callable[[Position | None], Iterable[tuple[Position, Item]]],
    *,
    token: str | None,
    size: int,
    empty_page_seed: int | None,
) -> tuple[list[Item], str | None]:
    """Up to `size` items from the token's position on. `items(start)` yields (position, item) in order.

    Searching by LF-Tags was seen to answer an empty page with a NextToken (boto3 #3425).
    """
    was_empty: bool = False
    start: Position | None = None
    match read_token(token, code="InvalidInputException"):
        case None:
            pass
        case [bool(was_empty), start]:
            pass
        case _:
            raise AwsError("InvalidInputException", "The specified value for NextToken is not valid.")
    if empty_page_seed is not None and not was_empty and _is_empty(empty_page_seed, start):
        return [], write_token([True, start])
    rest = (pair for pair in items(start) if start is None or pair[0] >= start)
    found = list(islice(rest, size + 1))
    more = write_token([False, found[size][0]]) if len(found) > size else None
    return [item for _, item in found[:size]], more


def page_size(params: dict[str, Any], limit: int) -> int:
    size = params.get("MaxResults", limit)
    if not isinstance(size, int) or not 1 <= size <= limit:
        raise AwsError("InvalidInputException", f"MaxResults must be between 1 and {limit}.")
    return size


def _is_empty(seed: int, start: Position | None) -> bool:
    return Random(f"{seed}:{start}").random() < EMPTY_PAGE_CHANCE
