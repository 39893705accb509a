"""Follows each call to AWS: counts it by its outcome, and logs what AWS refused with the id to quote to AWS."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from background.log_context import bind_log_context
from fulfilment.health.models import CallTotal
from workers.aws.call_counts import Call, count_call
from workers.aws.errors import AwsError, ErrorKind, build_error

logger = logging.getLogger(__name__)
ACCOUNT = "meshmarket_account"
"""Key of the account in botocore's context of a call."""
ERROR_STATUS = 300
FindAccount = Callable[[Mapping[str, Any]], str]
_expects_refusal: ContextVar[bool] = ContextVar("expects_refusal", default=False)


@contextmanager
def expect_refusal() -> Iterator[None]:
    """Calls of this block ask whether AWS refuses: a refusal is what was hoped for, and is neither logged nor counted as one."""
    token = _expects_refusal.set(True)
    try:
        yield
    finally:
        _expects_refusal.reset(token)


def follow_calls(client: Any, find_account: FindAccount) -> None:
    """Count and log the calls of this client. `find_account` returns the account of a call from its HTTP request."""
    region = client.meta.region_name

    def start(params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context[ACCOUNT] = find_account(params)

    def end(
        model: Any, parsed: Mapping[str, Any], http_response: Any, context: dict[str, Any], **_: object
    ) -> None:
        call = Call(context.get(ACCOUNT, ""), region, str(model.name))
        if http_response.status_code < ERROR_STATUS:
            count_call(call, CallTotal.Outcome.SUCCEEDED)
            return
        error = build_error(parsed)
        if _expects_refusal.get() and error.kind is ErrorKind.DENIED:
            count_call(call, CallTotal.Outcome.SUCCEEDED)
            return
        count_call(call, error.kind)
        _log_error(call, error)

    def fail(exception: BaseException, context: dict[str, Any], event_name: str, **_: object) -> None:
        call = Call(context.get(ACCOUNT, ""), region, event_name.rpartition(".")[2])
        count_call(call, CallTotal.Outcome.UNANSWERED)
        _log_error(call, AwsError(ErrorKind.UNKNOWN, type(exception).__name__, str(exception)))

    client.meta.events.register("before-call", start)
    client.meta.events.register("after-call", end)
    client.meta.events.register("after-call-error", fail)


def _log_error(call: Call, error: AwsError) -> None:
    level = logging.DEBUG if error.kind is ErrorKind.ABSENT else logging.INFO
    with bind_log_context(
        account=call.account_id, region=call.region, operation=call.operation, aws_request_id=error.request_id
    ):
        logger.log(level, "AWS answered %s: %s", call.operation, error)


def get_repeated_level(trouble: str, earlier: str) -> int:
    """Of a line about what each look finds again: a warning the first time, then DEBUG until it is another trouble."""
    return logging.DEBUG if trouble == earlier else logging.WARNING
