"""What every call to AWS passes: the rate limit of its account, the log, the counts by outcome, and the paginator.

AWS publishes no rate for Lake Formation's writes, so the rate adapts: halved when AWS throttles, a
twentieth more after each call that went through, never above `CALLS_PER_SECOND`.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from background.log_context import bind_log_context
from fulfilment.health import CallCount, CallTotal
from kernel.clock import now as database_now
from kernel.duration_counter import list_columns
from workers.aws.errors import AwsError, ErrorKind, build_error, read_with_retries

MIN_RATE = 0.2
"""Lowest rate after throttling, in calls per second."""

TAKE_FROM_BUCKET = """
INSERT INTO fulfilment_ratelimitbucket AS b (account_id, region, operation, tokens, rate, filled_at)
VALUES (%(account)s, %(region)s, %(operation)s, %(burst)s - 1, %(most)s, clock_timestamp())
ON CONFLICT (account_id, region, operation) DO UPDATE
   SET tokens = least(%(burst)s, b.tokens + extract(epoch FROM clock_timestamp() - b.filled_at) * b.rate) - 1,
       filled_at = clock_timestamp()
 WHERE least(%(burst)s, b.tokens + extract(epoch FROM clock_timestamp() - b.filled_at) * b.rate) >= 1
RETURNING 1
"""
TAKE_FROM_BUCKETS = """
UPDATE fulfilment_ratelimitbucket AS b SET tokens = was.filled - least(%(some)s, floor(was.filled)), filled_at = clock_timestamp()
  FROM (SELECT id, least(%(burst)s, tokens + extract(epoch FROM clock_timestamp() - filled_at) * rate) AS filled
          FROM fulfilment_ratelimitbucket
         WHERE account_id = %(account)s AND region = %(region)s AND operation = %(operation)s FOR UPDATE) AS was
 WHERE b.id = was.id AND was.filled >= 1
RETURNING least(%(some)s, floor(was.filled))::integer
"""
ADAPT_RATE = """
UPDATE fulfilment_ratelimitbucket SET rate = greatest(%s, least(%s, rate * %s))
 WHERE account_id = %s AND region = %s AND operation = %s
"""

IS_SLOWED = """
SELECT EXISTS (SELECT FROM fulfilment_ratelimitbucket WHERE account_id = %s AND region = %s AND operation = %s AND rate < %s)
"""


@dataclass(frozen=True)
class RateLimit:
    """`calls_per_second` on average, up to `burst` at once."""

    calls_per_second: float
    burst: int


def get_write_limit() -> RateLimit:
    return RateLimit(settings.CALLS_PER_SECOND, settings.BURST)


def get_read_limit() -> RateLimit:
    return RateLimit(settings.READS_PER_SECOND, settings.READ_BURST)


def take_token(account: str, region: str, operation: str, limit: RateLimit | None = None) -> bool:
    """Take a token for one call; False if the bucket is empty. The default limit is that of writes."""
    limit = limit or get_write_limit()
    asked: dict[str, str | float] = {"account": account, "region": region, "operation": operation}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_FROM_BUCKET, {**asked, "burst": limit.burst, "most": limit.calls_per_second})
        return cursor.fetchone() is not None


def take_tokens(account: str, region: str, operation: str, count: int, limit: RateLimit | None = None) -> int:
    """Take up to `count` tokens; returns how many. A new bucket gives one."""
    limit = limit or get_write_limit()
    asked: dict[str, str | float] = {"account": account, "region": region, "operation": operation}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_FROM_BUCKETS, {**asked, "burst": limit.burst, "some": count})
        row = cursor.fetchone()
    return row[0] if row else int(take_token(account, region, operation, limit))


def is_slowed(account: str, region: str, operation: str, limit: RateLimit) -> bool:
    """Whether earlier throttling still keeps the rate below the limit."""
    with connection.cursor() as cursor:
        cursor.execute(IS_SLOWED, [account, region, operation, limit.calls_per_second])
        return bool(cursor.fetchone()[0])


def adapt_rate(
    account: str, region: str, operation: str, *, throttled: bool, limit: RateLimit | None = None
) -> None:
    """Lower the rate after throttling, raise it after success."""
    factor, most = 0.5 if throttled else 1.05, (limit or get_write_limit()).calls_per_second
    with connection.cursor() as cursor:
        cursor.execute(ADAPT_RATE, [MIN_RATE, most, factor, account, region, operation])


class Call(NamedTuple):
    account_id: str
    region: str
    operation: str


_lock = threading.Lock()
_calls: Counter[tuple[Call, str]] = Counter()
"""Numbers of calls by call and outcome."""


def count_call(call: Call, outcome: str) -> None:
    """`outcome` is a value of `CallTotal.Outcome`."""
    with _lock:
        _calls[call, outcome] += 1


def drain_counts() -> Counter[tuple[Call, str]]:
    """Return and reset the counts."""
    with _lock:
        found = Counter(_calls)
        _calls.clear()
    return found


WRITE_INTERVAL = 10.0
RETENTION = timedelta(days=7)
_state = {"written": 0.0}

ADD_CALLS = """
INSERT INTO fulfilment_callcount AS c (account_id, region, operation, at, calls)
SELECT account_id, region, operation, date_bin('10 minutes', clock_timestamp(), 'epoch'), calls
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS counted (account_id, region, operation, calls)
ON CONFLICT (at, account_id, region, operation) DO UPDATE SET calls = c.calls + excluded.calls
"""
ADD_TO_TOTALS = """
INSERT INTO fulfilment_calltotal AS t (account_id, operation, outcome, calls)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (account_id, operation, outcome) DO UPDATE SET calls = t.calls + excluded.calls
"""


def write_call_counts(interval: float = WRITE_INTERVAL) -> None:
    """Store the counts, at most once in `interval` seconds, and delete counts of periods older than a week."""
    if time.monotonic() - _state["written"] < interval:
        return
    _state["written"] = time.monotonic()
    found = drain_counts()
    if not found:
        return
    periods: Counter[Call] = Counter()
    totals: Counter[tuple[str, str, str]] = Counter()
    for (call, outcome), calls in found.items():
        periods[call] += calls
        totals[call.account_id, call.operation, outcome] += calls
    with connection.cursor() as cursor:
        cursor.execute(ADD_CALLS, list_columns((*call, calls) for call, calls in sorted(periods.items())))
        cursor.execute(
            ADD_TO_TOTALS, list_columns((*total, calls) for total, calls in sorted(totals.items()))
        )
    CallCount.objects.filter(at__lt=database_now() - RETENTION).delete()


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
    """The level of a line about what each look finds again: a warning the first time, then DEBUG until it is another
    trouble.
    """
    return logging.DEBUG if trouble == earlier else logging.WARNING


Rows = list[dict[str, Any]]


def iterate_pages(
    operation: Callable[..., dict[str, Any]],
    rows_field: str,
    request: dict[str, Any],
    *,
    page_field: str = "NextToken",
) -> Iterator[Rows]:
    """The pages of one list. `page_field` is the field with the token of the next page.

    An empty page may carry a token: only a missing token is the end.
    """
    while True:
        answer = read_with_retries(partial(operation, **request))
        yield answer.get(rows_field) or []
        if not answer.get(page_field):
            return
        request = {**request, page_field: answer[page_field]}


def read_all_rows(
    operation: Callable[..., dict[str, Any]],
    rows_field: str,
    request: dict[str, Any],
    *,
    page_field: str = "NextToken",
) -> Rows:
    """The whole list."""
    return [
        row for page in iterate_pages(operation, rows_field, request, page_field=page_field) for row in page
    ]
