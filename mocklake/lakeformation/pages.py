"""Pages of Lake Formation's listings, with the empty page that real ones slip in at times."""

from collections.abc import Callable, Iterable
from itertools import islice
from random import Random
from typing import Any, TypeVar

from mocklake.errors import AwsError
from mocklake.paging import INVALID_POSITION, read_token, write_token

Item = TypeVar("Item")
Position = list[Any]
EMPTY_PAGE_CHANCE = 0.3


def page(
    items: Callable[[Position | None], Iterable[tuple[Position, Item]]],
    *,
    shape: tuple[type, ...],
    token: str | None,
    size: int,
    empty_page_seed: int = 0,
) -> tuple[list[Item], str | None]:
    """Up to `size` items from the token's position on. `items(start)` yields (position, item) in order.

    Positions are lists of values of the types in `shape`; a token with any other is refused.
    Searching by LF-Tags was seen to answer an empty page with a NextToken (boto3 #3425).
    """
    was_empty, start = _read(token, shape)
    if empty_page_seed and not was_empty and _is_empty(empty_page_seed, start):
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


def _read(token: str | None, shape: tuple[type, ...]) -> tuple[bool, Position | None]:
    """Whether the page before was an empty one, and where this one starts."""
    state = read_token(token, code="InvalidInputException")
    if state is None:
        return False, None
    match state:
        case [bool(was_empty), None]:
            return was_empty, None
        case [bool(was_empty), list(start)] if tuple(type(part) for part in start) == shape:
            return was_empty, start
    raise AwsError("InvalidInputException", INVALID_POSITION)


def _is_empty(seed: int, start: Position | None) -> bool:
    return Random(f"{seed}:{start}").random() < EMPTY_PAGE_CHANCE
