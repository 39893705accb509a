"""Counts calls to AWS in memory, by account, region and API, and writes the counts down now and then."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection

from audit.clock import now as database_now
from fulfilment.health.models import CallCount

Key = tuple[str, str, str]
"""Account, region, API."""
_lock = threading.Lock()
_calls: Counter[Key] = Counter()


def count(client: Any, account: Callable[[], str]) -> None:
    """Count what this client sends from now on; `account` says for which account it speaks just then."""

    def sent(model: Any, **_kwargs: Any) -> None:
        with _lock:
            _calls[account(), client.meta.region_name, str(model.name)] += 1

    client.meta.events.register("before-call", sent)


def drain() -> dict[Key, int]:
    """What was counted since the last time."""
    with _lock:
        found = dict(_calls)
        _calls.clear()
    return found


EVERY = 10.0
KEPT = timedelta(days=7)
_state = {"written": 0.0}

ADD = """
INSERT INTO fulfilment_callcount AS c (account_id, region, operation, at, calls)
VALUES (%s, %s, %s, date_bin('10 minutes', clock_timestamp(), 'epoch'), %s)
ON CONFLICT (at, account_id, region, operation) DO UPDATE SET calls = c.calls + excluded.calls
"""


def write_calls(every: float = EVERY) -> None:
    """Add what was counted, `every` seconds at most; what is older than a week goes."""
    if time.monotonic() - _state["written"] < every:
        return
    _state["written"] = time.monotonic()
    found = sorted(drain().items())
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.executemany(ADD, [(*key, calls) for key, calls in found])
    CallCount.objects.filter(at__lt=database_now() - KEPT).delete()
