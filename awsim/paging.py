"""Opaque continuation tokens: a position in a listing, which callers can only hand back."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar

from awsim.errors import AwsError

Item = TypeVar("Item")


def write_token(position: Sequence[Any]) -> str:
    return urlsafe_b64encode(json.dumps(list(position)).encode()).decode()


def read_token(token: str | None, *, code: str) -> list[Any] | None:
    """The position in a token, None without one; AwsError(code) for a token that we never wrote."""
    if not token:
        return None
    try:
        position = json.loads(urlsafe_b64decode(token.encode()))
    except ValueError:
        raise AwsError(code, "The specified value for NextToken is not valid.") from None
    if not isinstance(position, list):
        raise AwsError(code, "The specified value for NextToken is not valid.")
    return position


def page_by_key(
    items: Iterable[tuple[Any, Item]], *, token: str | None, size: int, code: str
) -> tuple[list[Item], str | None]:
    """One page of (sortable key, item) pairs that come in order; the token holds the last key given out.

    Rows that appear or vanish between two pages shift nothing, as the key and not a count is remembered.
    """
    position = read_token(token, code=code)
    rest = ((key, item) for key, item in items if position is None or [key] > position)
    found = list(islice(rest, size + 1))
    more = write_token([found[size - 1][0]]) if len(found) > size else None
    return [item for _, item in found[:size]], more
