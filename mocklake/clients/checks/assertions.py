"""What checks of several clients need."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

BUCKET = "client-lake"
LAKE = f"s3://{BUCKET}"
OUTPUT = f"{LAKE}/results/"
REGION = os.environ.get("AWS_DEFAULT_REGION", "")


def equal(found: Any, expected: Any) -> None:
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


def holds(condition: Any, reason: str = "it does not hold") -> None:
    if not condition:
        raise AssertionError(reason)


@contextmanager
def fails(*words: str) -> Iterator[None]:
    """The block must raise an error that names each of the words."""
    try:
        yield
    except Exception as error:
        missing = [word for word in words if word not in f"{type(error).__name__}: {error}"]
        if missing:
            raise AssertionError(f"without {missing}: {type(error).__name__}: {error}") from error
        return
    raise AssertionError("it did not fail")


def credentials(account: str, role: str = "") -> dict[str, Any]:
    """Keys of a role, or of the account's root."""
    address = f"{os.environ['MOCKLAKE_URL']}/_mocklake/credentials?account={account}&role={role}"
    request = Request(address, headers={"X-Mocklake-Token": os.environ["MOCKLAKE_TOKEN"]})  # noqa: S310
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        keys: dict[str, Any] = json.load(answer)
        return keys
