"""A token bucket for each (account, region, API), in the database: all workers draw from the same one.

AWS publishes no rate for Lake Formation's writes, so the rate adapts: halved when AWS throttles, a
twentieth more after each call that went through, never above `CALLS_PER_SECOND`.
"""

from dataclasses import dataclass

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
TAKE_SOME = """
UPDATE fulfilment_bucket AS b SET tokens = was.filled - least(%(some)s, floor(was.filled)), filled_at = clock_timestamp()
  FROM (SELECT id, least(%(burst)s, tokens + extract(epoch FROM clock_timestamp() - filled_at) * rate) AS filled
          FROM fulfilment_bucket
         WHERE account_id = %(account)s AND region = %(region)s AND operation = %(operation)s FOR UPDATE) AS was
 WHERE b.id = was.id AND was.filled >= 1
RETURNING least(%(some)s, floor(was.filled))::integer
"""
ADAPT = """
UPDATE fulfilment_bucket SET rate = greatest(%s, least(%s, rate * %s))
 WHERE account_id = %s AND region = %s AND operation = %s
"""


@dataclass(frozen=True)
class Limit:
    """`most` calls a second, of which `burst` may come at once."""

    most: float
    burst: int


def of_writes() -> Limit:
    return Limit(settings.CALLS_PER_SECOND, settings.BURST)


def of_reads() -> Limit:
    return Limit(settings.READS_PER_SECOND, settings.READ_BURST)


def take(account: str, region: str, operation: str, limit: Limit | None = None) -> bool:
    """Draw one call's token; False when the bucket is empty just now. Without a limit, that of writes holds."""
    limit = limit or of_writes()
    asked: dict[str, str | float] = {"account": account, "region": region, "operation": operation}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {**asked, "burst": limit.burst, "most": limit.most})
        return cursor.fetchone() is not None


def take_some(account: str, region: str, operation: str, some: int, limit: Limit | None = None) -> int:
    """Draw the tokens of `some` calls, or as many as there are; returns how many. Of a bucket that is new, one."""
    limit = limit or of_writes()
    asked: dict[str, str | float] = {"account": account, "region": region, "operation": operation}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_SOME, {**asked, "burst": limit.burst, "some": some})
        row = cursor.fetchone()
    return row[0] if row else int(take(account, region, operation, limit))


def adapt(account: str, region: str, operation: str, *, throttled: bool, limit: Limit | None = None) -> None:
    """Learn from an answer how fast this API may be called."""
    factor, most = 0.5 if throttled else 1.05, (limit or of_writes()).most
    with connection.cursor() as cursor:
        cursor.execute(ADAPT, [SLOWEST, most, factor, account, region, operation])
