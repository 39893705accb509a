"""Classifies AWS's errors into seven kinds. Callers catch AwsError and nothing broader."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception

RETRY_PAUSES = (0.05, 0.2)
"""Seconds before each retry of a read that AWS answered with a server error."""
THROTTLED_PAUSES = (0.2, 0.4, 0.8, 1.6)
"""Seconds before each retry of a throttled read, half of it more or less: others were throttled with it."""
Result = TypeVar("Result")
_before_read: ContextVar[Callable[[], None] | None] = ContextVar("between", default=None)


@contextmanager
def between_reads(callback: Callable[[], None]) -> Iterator[None]:
    """Call `callback` before each read inside the block. What it raises ends the reading."""
    before = _before_read.set(callback)
    try:
        yield
    finally:
        _before_read.reset(before)


class ErrorKind(StrEnum):
    """What a caller can do about it: retry (throttled, conflict), retry by another session (ended), tell
    (denied, absent, invalid), look (unknown).
    """

    THROTTLED = "throttled"
    CONFLICT = "conflict"
    SESSION_ENDED = "ended"
    DENIED = "denied"
    ABSENT = "absent"
    INVALID = "invalid"
    UNKNOWN = "unknown"


RETRIED_KINDS = frozenset(
    {ErrorKind.THROTTLED, ErrorKind.CONFLICT, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN}
)
"""Kinds of errors after which a write is tried again. A call without a response has to settle first."""

KIND_BY_CODE = {
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
    "UnrecognizedClientException": ErrorKind.SESSION_ENDED,
    "InvalidClientTokenId": ErrorKind.SESSION_ENDED,
    "ExpiredToken": ErrorKind.SESSION_ENDED,
    "ExpiredTokenException": ErrorKind.SESSION_ENDED,
    "EntityNotFoundException": ErrorKind.ABSENT,
    "NoSuchEntity": ErrorKind.ABSENT,
    "UnknownResourceException": ErrorKind.ABSENT,
    "ResourceShareInvitationArnNotFoundException": ErrorKind.ABSENT,
}
SERVER_ERROR = 500
NOT_IMPLEMENTED = 501


class AwsError(Exception):
    """A call that did not succeed. `code` is AWS's, `request_id` the one to quote to AWS.

    `is_answered`: AWS sent an error response; the call may still have had an effect.
    """

    def __init__(
        self, kind: ErrorKind, code: str, message: str, request_id: str = "", *, is_answered: bool = False
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.kind = kind
        self.code = code
        self.message = message
        self.request_id = request_id
        self.is_answered = is_answered


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn what botocore raises inside the block into AwsError.

    A malformed call raises ParamValidationError, not ClientError: *invalid*, or a worker would loop.
    A 5xx or a lost connection may have had its effect: *unknown*.
    """
    try:
        yield
    except ParamValidationError as error:
        raise AwsError(ErrorKind.INVALID, "ParamValidationError", str(error)) from error
    except ClientError as error:
        raise build_error(error.response) from error
    except BotoCoreError as error:
        raise AwsError(ErrorKind.UNKNOWN, type(error).__name__, str(error)) from error


def build_error(response: Any) -> AwsError:
    """AwsError of an error answer: by code, then by an IAM throttle inside a message, then by status."""
    code, message = response["Error"].get("Code", ""), response["Error"].get("Message", "")
    meta = response.get("ResponseMetadata", {})
    kind = classify_error(code, message, meta.get("HTTPStatusCode", 0))
    return AwsError(kind, code, message, meta.get("RequestId", ""), is_answered=True)


def read_with_retries(call: Callable[[], Result]) -> Result:
    """The response of a read. If AWS answers with a server error or throttles it, the read is retried after a pause.

    A complete reading takes dozens of calls and fails if one of them fails, so that without retries few would succeed.
    A read without a response is not retried: it has used its time. Raises AwsError, and
    whatever the callback of `between_reads` raises.
    """
    retrying = Retrying(
        retry=retry_if_exception(_is_transient), wait=_compute_pause, stop=_is_last_attempt, reraise=True
    )
    return retrying(lambda: _read_once(call))


def _read_once(call: Callable[[], Result]) -> Result:
    if act := _before_read.get():
        act()
    return translate_errors()(call)()


def _is_transient(error: BaseException) -> bool:
    if not isinstance(error, AwsError):
        return False
    return error.kind is ErrorKind.THROTTLED or (error.is_answered and error.kind is ErrorKind.UNKNOWN)


def _get_pauses(state: RetryCallState) -> tuple[float, ...]:
    error = state.outcome.exception() if state.outcome else None
    is_throttled = isinstance(error, AwsError) and error.kind is ErrorKind.THROTTLED
    return THROTTLED_PAUSES if is_throttled else RETRY_PAUSES


def _is_last_attempt(state: RetryCallState) -> bool:
    return state.attempt_number > len(_get_pauses(state))


def _compute_pause(state: RetryCallState) -> float:
    pauses = _get_pauses(state)
    pause = pauses[min(state.attempt_number, len(pauses)) - 1]
    return pause * random.uniform(0.5, 1.5) if pauses is THROTTLED_PAUSES else pause  # noqa: S311


def read_or_none(call: Callable[[], Result]) -> Result | None:
    """The response of a read, or None if AWS answers that the object does not exist. AwsError."""
    try:
        return read_with_retries(call)
    except AwsError as error:
        if error.kind is ErrorKind.ABSENT:
            return None
        raise


def classify_error(code: str, message: str, status: int = 0) -> ErrorKind:
    """The kind of an error code; an IAM throttle can hide inside InvalidInputException's message."""
    if "Rate exceeded" in message:
        return ErrorKind.THROTTLED
    if code in KIND_BY_CODE:
        return KIND_BY_CODE[code]
    if status >= SERVER_ERROR and status != NOT_IMPLEMENTED:
        return ErrorKind.UNKNOWN
    return ErrorKind.INVALID
