"""What a test asks of a call: the code that it is refused with, or that something comes true in time."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    """The error code of a call that must fail; an AssertionError when it does not."""
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    raise AssertionError("the call was answered")


def eventually(check: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `check` holds; the limit only ends a run in which it never would."""
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not become true in time"
        time.sleep(0.05)
