"""Counts calls to AWS in memory, by account, region, API and outcome, and stores the counts periodically."""

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from django.db import connection

from fulfilment.health.models import CallCount
from kernel.clock import now as database_now
from kernel.duration_counter import list_columns


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
