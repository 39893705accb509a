"""Pages of Glue's listings: keys in order, at most so many, by tokens that fit one query only.

Real Glue answers fewer than asked at times (noctua #137), and an empty page with a NextToken was seen (boto3 #3425):
the switches `short_page_seed` and `empty_page_seed` do so, always at the same places for one seed.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from hashlib import sha256
from random import Random
from typing import Any, TypeVar

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import INVALID_POSITION, read_token, write_token
from mocklake.world import World

Item = TypeVar("Item")
Key = str | int | list[str]
MOST = 100
SHORT_PAGE_CHANCE = 0.5
EMPTY_PAGE_CHANCE = 0.3
CODE = "InvalidInputException"


def page(
    world: World,
    caller: Caller,
    params: dict[str, Any],
    keys: Sequence[Any],
    load: Callable[[Any], Item | None],
    *,
    listing: str,
    most: int = MOST,
    falls: bool = False,
) -> tuple[list[Item], dict[str, str]]:
    """What `load` finds for sorted keys after the token's, and the member NextToken where there is more.

    The keys rise, or with `falls` fall.

    The token holds the last key given out and not a count, so that what appears or vanishes between two
    pages shifts nothing. InvalidInputException for a token of another query, or none of ours.
    """
    query = _query(caller, params, listing)
    was_empty, position = _read(params.get("NextToken"), query, keys)
    size = params.get("MaxResults", most)
    chance = f"{query}:{position}"
    if not was_empty and _happens(world.switches.empty_page_seed, chance, EMPTY_PAGE_CHANCE):
        return [], {"NextToken": write_token([query, True, position])}
    if _happens(world.switches.short_page_seed, chance, SHORT_PAGE_CHANCE):
        size = Random(f"{world.switches.short_page_seed}:size:{chance}").randint(1, size)
    found: list[Item] = []
    last: Key | None = None
    for index in range(0 if position is None else _after(keys, position, falls=falls), len(keys)):
        item = load(keys[index])
        if item is None:
            continue
        if len(found) == size:
            return found, {"NextToken": write_token([query, False, last])}
        found.append(item)
        last = keys[index]
    return found, {}


def _after(keys: Sequence[Any], position: Any, *, falls: bool) -> int:
    return len(keys) - bisect_left(keys[::-1], position) if falls else bisect_right(keys, position)


def _query(caller: Caller, params: dict[str, Any], listing: str) -> str:
    asked = {name: value for name, value in params.items() if name not in ("NextToken", "MaxResults")}
    text = json.dumps([listing, caller.account, caller.region, asked], sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def _read(token: str | None, query: str, keys: Sequence[Key]) -> tuple[bool, Key | None]:
    """Whether the page before was an empty one, and the last key given out."""
    match read_token(token, code=CODE):
        case None:
            return False, None
        case [str(asked), bool(was_empty), position] if asked == query and _fits(position, keys):
            return was_empty, position
    raise AwsError(CODE, INVALID_POSITION)


def _fits(position: Any, keys: Sequence[Key]) -> bool:
    if position is None or not keys:
        return True
    if isinstance(position, list) and isinstance(keys[0], list):
        return [type(part) for part in position] == [type(part) for part in keys[0]]
    return type(position) is type(keys[0])


def _happens(seed: int, chance: str, rate: float) -> bool:
    """Seed 0 is never."""
    return seed != 0 and Random(f"{seed}:{chance}").random() < rate
