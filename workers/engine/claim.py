"""Claims a due scope with a lease and an epoch, in one statement. A lease protects PostgreSQL only, not AWS."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from fulfilment.rounds import Scope
from identity.accounts import Account


class FencedError(Exception):
    """The lease of the scope was lost to another worker."""


@dataclass(frozen=True)
class Lease:
    """`now` is the round's time for comparisons; `began_at` is by the database's clock without the test offset, for proofs.
    `wake_ids` are deleted when the round ends, so that after a killed worker the next one handles them.
    `is_urgent`, `retries_refused`: whether one of these wake-ups is; see `Wake`.
    """

    scope: Scope
    epoch: int
    owner: str
    began_at: datetime
    now: datetime
    wake_ids: tuple[int, ...] = ()
    is_urgent: bool = False
    retries_refused: bool = False


_MISSING_SHARE_SCOPES = """
SELECT DISTINCT i.scope_key, 'share', c.id, a.id, 0, '', 0
  FROM fulfilment_intent i
  JOIN identity_connectedcatalog c ON c.id = split_part(i.scope_key, ':', 2)::bigint
  JOIN identity_account a ON a.account_id = split_part(i.scope_key, ':', 3)
 WHERE i.generation <> i.proven_generation AND i.scope_key LIKE 'share:%%'
   AND NOT EXISTS (SELECT FROM fulfilment_scope s WHERE s.key = i.scope_key)
"""

# Each connected catalog has a scope, for the prerequisites of share intents.
_MISSING_CATALOG_SCOPES = """
SELECT 'catalog:' || c.id, 'catalog', c.id, NULL::bigint, 0, '', 0
  FROM identity_connectedcatalog c
 WHERE NOT EXISTS (SELECT FROM fulfilment_scope s WHERE s.key = 'catalog:' || c.id)
"""
ARE_SCOPES_MISSING = f"EXISTS ({_MISSING_SHARE_SCOPES}) OR EXISTS ({_MISSING_CATALOG_SCOPES})"
ARE_ROUNDS_PENDING = """EXISTS (SELECT FROM fulfilment_scope WHERE lease_until > clock_timestamp()
    OR not_before BETWEEN clock_timestamp() AND clock_timestamp() + interval '1 second')"""
"""A scope's round runs, or continues soon."""
MAKE_SCOPES = f"""
INSERT INTO fulfilment_scope (key, kind, catalog_id, consumer_id, epoch, owner, failures)
{_MISSING_SHARE_SCOPES} UNION ALL {_MISSING_CATALOG_SCOPES}
    ON CONFLICT (key) DO NOTHING
"""

# An urgent wake takes a scope out of the back-off that an older failure has earned: once, as it goes when the round that it led to ends.
# Of the scopes of a silent account one asks at a time; the others are not held up by their own back-off then.
DUE_SCOPES = """
SELECT s.id, need.unproven OR need.woken AS is_changed, s.scan_at
  FROM fulfilment_scope s, LATERAL (SELECT
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
   AND NOT EXISTS (SELECT FROM fulfilment_accountoutage q JOIN identity_connectedcatalog c ON c.id = s.catalog_id
                    WHERE q.account_id IN (c.account_id, s.consumer_id) AND q.retry_at > clock_timestamp())
"""
CLAIM_SCOPE = f"""
WITH due AS ({DUE_SCOPES} AND s.id = %s FOR UPDATE OF s SKIP LOCKED)
UPDATE fulfilment_scope s
   SET epoch = s.epoch + 1, owner = %s, not_before = NULL,
       lease_until = clock_timestamp() + make_interval(secs => %s)
  FROM due WHERE s.id = due.id
RETURNING s.id, s.epoch, clock_timestamp(), meshmarket_now(),
          EXISTS (SELECT FROM fulfilment_accountoutage q JOIN identity_connectedcatalog c ON c.id = s.catalog_id
                   WHERE q.account_id IN (c.account_id, s.consumer_id))
"""  # noqa: S608
DELETE_WAKES = "DELETE FROM fulfilment_wake WHERE id = ANY (%s)"
KEEP_WAKES = "UPDATE fulfilment_wake SET urgent = false WHERE id = ANY (%s) AND urgent"
OUTAGE_RETRY_SECONDS = 3.0
"""Seconds between two retries of an account with an outage, by any of its scopes."""
POSTPONE_OUTAGE_RETRY = """
UPDATE fulfilment_accountoutage SET retry_at = clock_timestamp() + make_interval(secs => %s) WHERE account_id = ANY (%s)
"""


def list_scope_accounts(scope: Scope) -> list[Account]:
    """The granting account and, for a share scope, the consumer account."""
    return [scope.catalog.account, *([scope.consumer] if scope.consumer else [])]


def get_scope_account(scope: Scope, account_id: str) -> Account:
    """The scope's account with this id."""
    return next(account for account in list_scope_accounts(scope) if account.account_id == account_id)


ROWS_PER_TIMEOUT = 200
"""A transaction gets the short timeout once more for each this many rows."""


@contextmanager
def short_transaction(seconds: float | None = None, *, rows: int = 0) -> Iterator[None]:
    """A transaction with a timeout in seconds. The default is `SHORT_TRANSACTION`, longer for many `rows`, as a
    timeout that is always too short would make the worker retry for ever.
    """
    seconds = settings.SHORT_TRANSACTION * (1 + rows / ROWS_PER_TIMEOUT) if seconds is None else seconds
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL transaction_timeout = '{seconds:g}s'; SET LOCAL lock_timeout = '500ms'")
        yield


def create_scopes() -> None:
    """Create missing scopes: of intents that are not proven, and one for each connected catalog."""
    with short_transaction(), connection.cursor() as cursor:
        cursor.execute(MAKE_SCOPES)


def claim_scope(owner: str, scope_id: int) -> Lease | None:
    """The scope, leased to `owner`; None when it is not due, or leased."""
    with short_transaction(), connection.cursor() as cursor:
        cursor.execute(CLAIM_SCOPE, [scope_id, owner, settings.LEASE])
        row = cursor.fetchone()
        if row is None:
            return None
        pk, epoch, began_at, now, has_outage = row
        scope = Scope.objects.select_related("catalog__account", "consumer").get(pk=pk)
        cursor.execute("SELECT id, urgent, retries FROM fulfilment_wake WHERE scope_key = %s", [scope.key])
        wakes = cursor.fetchall()
        if has_outage:
            cursor.execute(
                POSTPONE_OUTAGE_RETRY,
                [OUTAGE_RETRY_SECONDS, [account.pk for account in list_scope_accounts(scope)]],
            )
    ids = tuple(wake for wake, *_ in wakes)
    is_urgent, retries = any(urgent for _, urgent, _ in wakes), any(retries for *_, retries in wakes)
    return Lease(scope, epoch, owner, began_at, now, ids, is_urgent, retries)


IS_HELD = "WHERE id = %s AND epoch = %s AND owner = %s AND lease_until > clock_timestamp()"
EXTEND_LEASE = "UPDATE fulfilment_scope SET lease_until = clock_timestamp() + make_interval(secs => %s)"


IS_SPENT = "lease_until < clock_timestamp() + make_interval(secs => %s)"
LOCK_HELD = f"SELECT {IS_SPENT} FROM fulfilment_scope {IS_HELD} FOR UPDATE"  # noqa: S608


def lock_scope(lease: Lease) -> None:
    """Lock the scope for the rest of the transaction, and extend the lease; FencedError when it is no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_HELD, [_compute_least_left(), lease.scope.pk, lease.epoch, lease.owner])
        row = cursor.fetchone()
    if row is None:
        raise FencedError(f"{lease.scope.key} is no longer held at epoch {lease.epoch}")
    if row[0]:
        extend_lease(lease)


def extend_lease(lease: Lease) -> None:
    """Extend the lease if half of it is spent, or if a call to AWS may outlast it.

    For a transaction that locked the scope: in a long one, the lease may have expired meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{EXTEND_LEASE} WHERE id = %s AND {IS_SPENT}",
            [settings.LEASE, lease.scope.pk, _compute_least_left()],
        )


def _compute_least_left() -> float:
    """Seconds of the lease; with fewer it is extended."""
    least: float = max(settings.LEASE / 2, settings.CALL_DEADLINE + settings.SHORT_TRANSACTION)
    return least


def release_scope(
    lease: Lease,
    *,
    wait: float,
    scan_in: float,
    failures: int,
    converged: bool = False,
    keeps_wakes: bool = False,
) -> None:
    """Release the scope. It is not due before `wait` seconds, and due for a scan after `scan_in` seconds.

    Wake-ups that are kept are urgent no longer: they wait as the scope does.
    """
    with short_transaction(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_scope SET lease_until = NULL, owner = '', failures = %s,"
            " not_before = clock_timestamp() + make_interval(secs => %s),"
            " scan_at = clock_timestamp() + make_interval(secs => %s),"
            " converged_at = CASE WHEN %s THEN clock_timestamp() ELSE converged_at END"
            " WHERE id = %s AND epoch = %s",
            [failures, wait, scan_in, converged, lease.scope.pk, lease.epoch],
        )
        if cursor.rowcount and lease.wake_ids:
            cursor.execute(KEEP_WAKES if keeps_wakes else DELETE_WAKES, [list(lease.wake_ids)])
