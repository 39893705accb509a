"""A token bucket for each (account, region, API), in the database: all workers draw from the same one.

AWS publishes no rate for Lake Formation's writes, so the rate adapts: halved when AWS throttles, a
twentieth more after each call that went through, never above `CALLS_PER_SECOND`.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

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
