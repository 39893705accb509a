"""Take one due scope: a lease with an epoch, in one statement. A lease fences PostgreSQL alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from fulfilment.rounds.models import Scope
from identity.accounts.models import Account


class FencedError(Exception):
    """The scope's epoch or lease is no longer ours: whatever was being done, another does now."""


@dataclass(frozen=True)
class Lease:
    """`now` is this round's time for every comparison; `began_at` the bare clock, for proofs; `wakes` those that the round
    answers, by id: they go as it ends, so that what a killed worker was woken for is looked at by the next one.
    `is_urgent`, `retries`: whether one of them is so, see `Wake`.
    """

    scope: Scope
    epoch: int
    owner: str
    began_at: datetime
    now: datetime
    wakes: tuple[int, ...] = ()
    is_urgent: bool = False
    retries: bool = False


MAKE_SCOPES = """
INSERT INTO fulfilment_scope (key, kind, catalog_id, consumer_id, epoch, owner, failures)
SELECT DISTINCT i.scope_key, 'share', c.id, a.id, 0, '', 0
  FROM fulfilment_intent i
  JOIN identity_connectedcatalog c ON c.id = split_part(i.scope_key, ':', 2)::bigint
  JOIN identity_account a ON a.account_id = split_part(i.scope_key, ':', 3)
 WHERE i.generation <> i.proven_generation AND i.scope_key LIKE 'share:%%'
   AND NOT EXISTS (SELECT FROM fulfilment_scope s WHERE s.key = i.scope_key)
    ON CONFLICT (key) DO NOTHING
"""

# A share intent is wanted: its catalog's prerequisites are too.
MAKE_CATALOG_SCOPES = """
INSERT INTO fulfilment_scope (key, kind, catalog_id, epoch, owner, failures)
SELECT 'catalog:' || c.id, 'catalog', c.id, 0, '', 0
  FROM identity_connectedcatalog c
 WHERE NOT EXISTS (SELECT FROM fulfilment_scope s WHERE s.key = 'catalog:' || c.id)
    ON CONFLICT (key) DO NOTHING
"""

# What waits for a decision's effect comes before a scan; among equals, the one not looked at for longest.
# An urgent wake takes a scope out of the back-off that an older failure has earned: once, as it goes when the round that it led to ends.
# Of the scopes of a silent account one asks at a time; the others are not held up by their own back-off then.
TAKE = """
WITH due AS (
  SELECT s.id FROM fulfilment_scope s, LATERAL (SELECT
         EXISTS (SELECT FROM fulfilment_intent i
                  WHERE i.scope_key = s.key AND i.generation <> i.proven_generation)
      OR EXISTS (SELECT FROM fulfilment_intent i
                  WHERE i.scope_key = s.key AND i.expires_at <= meshmarket_now() AND i.presence <> 'absent')
         AS unproven,
         EXISTS (SELECT FROM fulfilment_wake w WHERE w.scope_key = s.key) AS woken,
         EXISTS (SELECT FROM fulfilment_wake w WHERE w.scope_key = s.key AND w.urgent) AS urged) need
   WHERE (s.lease_until IS NULL OR s.lease_until < clock_timestamp())
     AND (s.not_before IS NULL OR s.not_before <= clock_timestamp() OR need.urged)
     AND (need.unproven OR need.woken OR s.scan_at IS NULL OR s.scan_at <= clock_timestamp())
     AND NOT EXISTS (SELECT FROM fulfilment_silence q JOIN identity_connectedcatalog c ON c.id = s.catalog_id
                      WHERE q.account_id IN (c.account_id, s.consumer_id) AND q.ask_at > clock_timestamp())
   ORDER BY need.unproven OR need.woken DESC, s.scan_at NULLS FIRST
     FOR UPDATE OF s SKIP LOCKED LIMIT 1)
UPDATE fulfilment_scope s
   SET epoch = s.epoch + 1, owner = %s, not_before = NULL,
       lease_until = clock_timestamp() + make_interval(secs => %s)
  FROM due WHERE s.id = due.id
RETURNING s.id, s.epoch, clock_timestamp(), meshmarket_now()
"""
ASK_EVERY = 3.0
"""Seconds between two attempts to reach a silent account, by whichever of its scopes."""
PUT_OFF = """
UPDATE fulfilment_silence SET ask_at = clock_timestamp() + make_interval(secs => %s) WHERE account_id = ANY (%s)
"""


def accounts_of(scope: Scope) -> list[Account]:
    """The accounts that a round of the scope speaks to."""
    return [scope.catalog.account, *([scope.consumer] if scope.consumer else [])]


def account_of(scope: Scope, account_id: str) -> Account:
    """The one of them in which a step is made."""
    return next(account for account in accounts_of(scope) if account.account_id == account_id)


ROWS = 200
"""So many intents are written in a third of the time that a short transaction has; for each as many it has that time once more."""


@contextmanager
def short_transaction(seconds: float | None = None, *, rows: int = 0) -> Iterator[None]:
    """A transaction that may not hold its locks for longer than so many seconds; by default, what the setting says, and more
    where it may write many `rows`: one that is always too short would be begun again for ever.
    """
    seconds = settings.SHORT_TRANSACTION * (1 + rows / ROWS) if seconds is None else seconds
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL transaction_timeout = '{seconds:g}s'; SET LOCAL lock_timeout = '500ms'")
        yield


def claim(owner: str) -> Lease | None:
    """The next due scope, leased to `owner`; None when nothing is due."""
    with short_transaction(), connection.cursor() as cursor:
        cursor.execute(MAKE_SCOPES)
        cursor.execute(MAKE_CATALOG_SCOPES)
        cursor.execute(TAKE, [owner, settings.LEASE])
        row = cursor.fetchone()
        if row is None:
            return None
        pk, epoch, began_at, now = row
        scope = Scope.objects.select_related("catalog__account", "consumer").get(pk=pk)
        cursor.execute("SELECT id, urgent, retries FROM fulfilment_wake WHERE scope_key = %s", [scope.key])
        wakes = cursor.fetchall()
        cursor.execute(PUT_OFF, [ASK_EVERY, [account.pk for account in accounts_of(scope)]])
    ids = tuple(wake for wake, *_ in wakes)
    is_urgent, retries = any(urgent for _, urgent, _ in wakes), any(retries for *_, retries in wakes)
    return Lease(scope, epoch, owner, began_at, now, ids, is_urgent, retries)


HELD = "WHERE id = %s AND epoch = %s AND owner = %s AND lease_until > clock_timestamp()"
RENEW = "UPDATE fulfilment_scope SET lease_until = clock_timestamp() + make_interval(secs => %s)"


def hold(lease: Lease) -> None:
    """Lock the scope for the rest of the transaction, and renew the lease; FencedError when it is no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(f"{RENEW} {HELD}", (settings.LEASE, lease.scope.pk, lease.epoch, lease.owner))
        if cursor.rowcount != 1:
            raise FencedError(f"{lease.scope.key} is no longer held at epoch {lease.epoch}")


def hold_on(lease: Lease) -> None:
    """Renew it at the end of a long transaction that began with `hold`: it may have run out, and nobody took it."""
    with connection.cursor() as cursor:
        cursor.execute(f"{RENEW} WHERE id = %s", (settings.LEASE, lease.scope.pk))


def release(lease: Lease, *, wait: float, scan_in: float, failures: int, converged: bool = False) -> None:
    """Give the scope back: not before `wait` seconds; looked at again after `scan_in` seconds."""
    with short_transaction(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_scope SET lease_until = NULL, owner = '', failures = %s,"
            " not_before = clock_timestamp() + make_interval(secs => %s),"
            " scan_at = clock_timestamp() + make_interval(secs => %s),"
            " converged_at = CASE WHEN %s THEN clock_timestamp() ELSE converged_at END"
            " WHERE id = %s AND epoch = %s",
            [failures, wait, scan_in, converged, lease.scope.pk, lease.epoch],
        )
        if cursor.rowcount and lease.wakes:
            cursor.execute("DELETE FROM fulfilment_wake WHERE id = ANY (%s)", [list(lease.wakes)])
