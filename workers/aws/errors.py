"""AWS's errors as one of seven kinds; nothing above this edge catches anything broader."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_chain, wait_fixed

PAUSES = (0.05, 0.2)
"""Seconds before a reading is asked again."""
Found = TypeVar("Found")
_between: ContextVar[Callable[[], None] | None] = ContextVar("between", default=None)


@contextmanager
def between_reads(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` before each reading call made inside the block; what it raises ends the reading."""
    before = _between.set(act)
    try:
        yield
    finally:
        _between.reset(before)


class ErrorKind(StrEnum):
    """What a caller can do about it: retry (throttled, conflict), retry by another session (ended), tell
    (denied, absent, invalid), look (unknown).
    """

    THROTTLED = "throttled"
    CONFLICT = "conflict"
    ENDED = "ended"
    DENIED = "denied"
    ABSENT = "absent"
    INVALID = "invalid"
    UNKNOWN = "unknown"


KINDS = {
    "ThrottlingException": ErrorKind.THROTTLED,
    "ThrottledException": ErrorKind.THROTTLED,
    "TooManyRequestsException": ErrorKind.THROTTLED,
    "RequestLimitExceeded": ErrorKind.THROTTLED,
    "SlowDown": ErrorKind.THROTTLED,
    "ConcurrentModificationException": ErrorKind.CONFLICT,
    "OperationTimeoutException": ErrorKind.UNKNOWN,
    "InternalServiceException": ErrorKind.UNKNOWN,
    "InternalFailure": ErrorKind.UNKNOWN,
    "ServerInternalException": ErrorKind.UNKNOWN,
    "AccessDenied": ErrorKind.DENIED,
    "AccessDeniedException": ErrorKind.DENIED,
    "OperationNotPermittedException": ErrorKind.DENIED,
    "UnrecognizedClientException": ErrorKind.ENDED,
    "InvalidClientTokenId": ErrorKind.ENDED,
    "ExpiredToken": ErrorKind.ENDED,
    "ExpiredTokenException": ErrorKind.ENDED,
    "EntityNotFoundException": ErrorKind.ABSENT,
    "NoSuchEntity": ErrorKind.ABSENT,
    "UnknownResourceException": ErrorKind.ABSENT,
    "ResourceShareInvitationArnNotFoundException": ErrorKind.ABSENT,
}
SERVER_ERROR = 500
NOT_IMPLEMENTED = 501


class AwsError(Exception):
    """A call that did not succeed. `code` is AWS's, `request_id` the one to quote to AWS.

    `answered`: AWS itself said so, whatever may have come about.
    """

    def __init__(
        self, kind: ErrorKind, code: str, message: str, request_id: str = "", *, answered: bool = False
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.request_id = request_id
        self.answered = answered


@contextmanager
def translated() -> Iterator[None]:
    """Turn what botocore raises inside the block into AwsError.

    A malformed call raises ParamValidationError, not ClientError: *invalid*, or a worker would loop.
    A 5xx or a lost connection may have had its effect: *unknown*.
    """
    try:
        yield
    except ParamValidationError as error:
        raise AwsError(ErrorKind.INVALID, "ParamValidationError", str(error)) from error
    except ClientError as error:
        raise from_answer(error.response) from error
    except BotoCoreError as error:
        raise AwsError(ErrorKind.UNKNOWN, type(error).__name__, str(error)) from error


def from_answer(response: Any) -> AwsError:
    """AwsError of an error answer: by code, then by an IAM throttle inside a message, then by status."""
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    meta = response.get("ResponseMetadata", {})
    kind = kind_of(code, message, meta.get("HTTPStatusCode", 0))
    return AwsError(kind, code, message, meta.get("RequestId", ""), answered=True)


def read(call: Callable[[], Found]) -> Found:
    """What a reading call answers. Where AWS answers with an error of its own it is asked again, three times in all.

    It changes nothing, and a scope is read whole or not at all, by dozens of calls: where one in twenty fails, hardly
    any reading would come to its end. What had no answer is not asked again: it has used its time. AwsError, and
    whatever the act of `between_reads` raises.
    """
    if act := _between.get():
        act()
    retrying = Retrying(
        retry=retry_if_exception(_is_passing),
        wait=wait_chain(*map(wait_fixed, PAUSES)),
        stop=stop_after_attempt(len(PAUSES) + 1),
        reraise=True,
    )
    return retrying(translated()(call))


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, AwsError) and error.answered and error.kind is ErrorKind.UNKNOWN


def read_if_there(call: Callable[[], Found]) -> Found | None:
    """What a reading call answers, or None where what it asks for is not there. AwsError."""
    try:
        return read(call)
    except AwsError as error:
        if error.kind is ErrorKind.ABSENT:
            return None
        raise


def kind_of(code: str, message: str, status: int = 0) -> ErrorKind:
    """The kind of an error code; an IAM throttle can hide inside InvalidInputException's message."""
    if "Rate exceeded" in message:
        return ErrorKind.THROTTLED
    if code in KINDS:
        return KINDS[code]
    if status >= SERVER_ERROR and status != NOT_IMPLEMENTED:
        return ErrorKind.UNKNOWN
    return ErrorKind.INVALID
