"""A token bucket for each (account, region, API), in the database: all workers draw from the same one.

AWS publishes no rate for Lake Formation's writes, so the rate adapts: halved when AWS throttles, a
twentieth more after each call that went through, never above `CALLS_PER_SECOND`.
"""

from django.conf import settings
from django.db import connection

SLOWEST = 0.2
"""Calls per second below which throttling does not push the rate."""

TAKE = """
INSERT INTO fulfilment_bucket AS b (account_id, region, operation, tokens, rate, filled_at)
VALUES (%(account)s, %(region)s, %(operation)s, %(burst)s - 1, %(most)s, clock_timestamp())
ON CONFLICT (account_id, region, operation) DO UPDATE
   SET tokens = least(%(burst)s, b.tokens + extract(epoch FROM clock_timestamp() - b.filled_at) * b.rate) - 1,
       filled_at = clock_timestamp()
 WHERE least(%(burst)s, b.tokens + extract(epoch FROM clock_timestamp() - b.filled_at) * b.rate) >= 1
RETURNING 1
"""
ADAPT = """
UPDATE fulfilment_bucket SET rate = greatest(%s, least(%s, rate * %s))
 WHERE account_id = %s AND region = %s AND operation = %s
"""


def take(account: str, region: str, operation: str) -> bool:
    """Draw one call's token; False when the bucket is empty just now."""
    asked = {"account": account, "region": region, "operation": operation}
    limits = {"burst": settings.BURST, "most": settings.CALLS_PER_SECOND}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, asked | limits)
        return cursor.fetchone() is not None


def adapt(account: str, region: str, operation: str, *, throttled: bool) -> None:
    """Learn from an answer how fast this API may be called."""
    factor = 0.5 if throttled else 1.05
    with connection.cursor() as cursor:
        cursor.execute(ADAPT, [SLOWEST, settings.CALLS_PER_SECOND, factor, account, region, operation])
