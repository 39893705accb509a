"""Opaque continuation tokens: a position in a listing, which callers can only hand back."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from mocklake.errors import AwsError

Key = TypeVar("Key")
Item = TypeVar("Item")
INVALID_POSITION = "The specified value for NextToken is not valid."


def write_token(position: Sequence[Any]) -> str:
    return urlsafe_b64encode(json.dumps(list(position)).encode()).decode()


def read_token(token: str | None, *, code: str) -> list[Any] | None:
    """The position in a token, None without one; AwsError(code) for a token that we never wrote."""
    if not token:
        return None
    try:
        position = json.loads(urlsafe_b64decode(token.encode()))
    except ValueError:
        raise AwsError(code, INVALID_POSITION) from None
    if not isinstance(position, list):
        raise AwsError(code, INVALID_POSITION)
    return position


def page_by_key(
    keys: Iterable[Key], load: Callable[[Key], Item | None], *, token: str | None, size: int, code: str
) -> tuple[list[Item], str | None]:
    """One page of what `load` finds for keys that come in order, without those for which it finds nothing.

    The token holds the last key given out and not a count, so that rows which appear or vanish between two
    pages shift nothing; keys before it are not loaded again.
    """
    position = read_token(token, code=code)
    rest = (key for key in keys if position is None or _is_after(key, position, code))
    loaded = ((key, load(key)) for key in rest)
    found = list(islice(((key, item) for key, item in loaded if item is not None), size + 1))
    more = write_token([found[size - 1][0]]) if len(found) > size else None
    return [item for _, item in found[:size]], more


def _is_after(key: Any, position: list[Any], code: str) -> bool:
    if len(position) != 1 or type(position[0]) is not type(key):
        raise AwsError(code, INVALID_POSITION)
    return bool(key > position[0])
