"""Counts calls to AWS in memory, by account, region and API, and stores the counts periodically."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection

from audit.clock import now as database_now
from fulfilment.health.models import CallCount

CallKey = tuple[str, str, str]
"""Account, region, API."""
_lock = threading.Lock()
_calls: Counter[CallKey] = Counter()


def count_calls(client: Any, account: Callable[[], str]) -> None:
    """Count the calls of this client; `account` returns the account of the current call."""

    def sent(model: Any, **_kwargs: Any) -> None:
        with _lock:
            _calls[account(), client.meta.region_name, str(model.name)] += 1

    client.meta.events.register("before-call", sent)


def drain_counts() -> dict[CallKey, int]:
    """Return and reset the counts."""
    with _lock:
        found = dict(_calls)
        _calls.clear()
    return found


WRITE_INTERVAL = 10.0
RETENTION = timedelta(days=7)
_state = {"written": 0.0}

ADD_CALLS = """
INSERT INTO fulfilment_callcount AS c (account_id, region, operation, at, calls)
VALUES (%s, %s, %s, date_bin('10 minutes', clock_timestamp(), 'epoch'), %s)
ON CONFLICT (at, account_id, region, operation) DO UPDATE SET calls = c.calls + excluded.calls
"""


def write_call_counts(interval: float = WRITE_INTERVAL) -> None:
    """Store the counts, at most once in `interval` seconds, and delete counts older than a week."""
    if time.monotonic() - _state["written"] < interval:
        return
    _state["written"] = time.monotonic()
    found = sorted(drain_counts().items())
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.executemany(ADD_CALLS, [(*key, calls) for key, calls in found])
    CallCount.objects.filter(at__lt=database_now() - RETENTION).delete()
