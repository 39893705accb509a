"""Write down how often AWS was called, now and then: no call waits for it."""

import time
from datetime import timedelta

from django.db import connection

from audit.clock import now as database_now
from fulfilment.health.models import CallCount
from workers.aws.counted import drain

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
