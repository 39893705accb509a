"""Waits after failures: of an account that does not answer, and of one scope after refusals.

All scopes of the account wait together, and one at a time tries again. With back-off by scope, scopes would resume late
or retry too often.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connection

from fulfilment import rounds
from fulfilment.rounds import REFUSAL_INITIAL_WAIT, REFUSAL_MAX_WAIT, AccountOutage, Refusal, Round, StepEntry
from identity.accounts import Account
from lakeformation.planning.changes import PlannedChange, Step
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.reads import read_caller_arn
from workers.aws.sessions import get_client
from workers.engine.claim import OUTAGE_RETRY_SECONDS, Lease, list_scope_accounts, short_transaction
from workers.engine.round_records import RoundResult

LONG_OUTAGE_SECONDS = 9.0
"""Outages longer than this many seconds make proven intents *unknown*."""
RECORD_OUTAGE = """
INSERT INTO fulfilment_accountoutage (account_id, since, retry_at)
VALUES (%s, clock_timestamp(), clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (account_id) DO NOTHING
"""


def handle_failed_reading(lease: Lease, error: AwsError) -> RoundResult:
    """The result of a round whose reading failed: back-off, or a wait for the account's outage."""
    is_silent = record_outages(lease, error)
    return RoundResult(
        wait=0.0 if is_silent else None, has_failed=True, is_unreachable=is_silent, is_unread=True
    )


def is_long_outage(lease: Lease) -> bool:
    """Whether an account of the scope has a long outage."""
    since = lease.began_at - timedelta(seconds=LONG_OUTAGE_SECONDS)
    return AccountOutage.objects.filter(
        account__in=list_scope_accounts(lease.scope), since__lt=since
    ).exists()


def record_outages(lease: Lease, error: AwsError) -> bool:
    """After a reading without a response, record outages of the scope's accounts; returns whether there are any."""
    if error.kind is not ErrorKind.UNKNOWN:
        return False
    silent = [account for account in list_scope_accounts(lease.scope) if not _is_reachable(account)]
    if silent:
        with short_transaction(), connection.cursor() as cursor:
            for account in silent:
                cursor.execute(RECORD_OUTAGE, [account.pk, OUTAGE_RETRY_SECONDS])
    return bool(silent)


def clear_outages(lease: Lease) -> None:
    """After a complete reading, end the outages of the scope's accounts."""
    outages = AccountOutage.objects.filter(account__in=list_scope_accounts(lease.scope))
    if outages.exists():
        outages.delete()


def _is_reachable(account: Account) -> bool:
    """Whether AWS responds in this account, even with a refusal."""
    try:
        read_caller_arn(get_client("sts", account=account, role="observer", region=account.region))
    except AwsError as error:
        return error.kind is not ErrorKind.UNKNOWN
    return True


_RECORD_REFUSAL = """
INSERT INTO fulfilment_refusal AS r (scope_id, key, action, resource, intents, count, first_at, last_at, next_at, error)
VALUES (%(scope)s, %(key)s, %(action)s, %(resource)s, %(intents)s::jsonb, 1, clock_timestamp(), clock_timestamp(),
        clock_timestamp() + make_interval(secs => %(first)s * (0.75 + random() / 2)), %(error)s)
ON CONFLICT (scope_id, key) DO UPDATE SET count = r.count + 1, last_at = excluded.last_at, error = excluded.error,
       next_at = clock_timestamp()
               + make_interval(secs => least(%(longest)s, %(first)s * 2.0 ^ least(r.count, 20)) * (0.75 + random() / 2))
RETURNING extract(epoch FROM next_at - clock_timestamp())
"""


@dataclass(frozen=True)
class DueSteps:
    """`steps` that may be sent now. `next_in`: seconds until the first of the others may be; None when there is none."""

    steps: Sequence[Step]
    next_in: float | None


def find_due_steps(lease: Lease, steps: Sequence[Step]) -> DueSteps:
    """The steps without the changes that AWS refused and that are not to be tried again yet. Refusals of what is no
    longer planned are forgotten. A lease that was woken to try again leaves nothing out.
    """
    rows = dict(Refusal.objects.filter(scope=lease.scope).values_list("key", "next_at"))
    if not rows:
        return DueSteps(steps, None)
    keys = {hash_change(change) for step in steps for change in step.changes}
    if over := rows.keys() - keys:
        Refusal.objects.filter(scope=lease.scope, key__in=over).delete()
    if lease.retries_refused:
        return DueSteps(steps, None)
    waiting = {key: at for key, at in rows.items() if key in keys and at > lease.began_at}
    if not waiting:
        return DueSteps(steps, None)
    next_in = (min(waiting.values()) - lease.began_at).total_seconds()
    return DueSteps(list(_drop_changes(steps, waiting.keys())), next_in)


def _drop_changes(steps: Iterable[Step], keys: Iterable[str]) -> Iterable[Step]:
    waiting = set(keys)
    for step in steps:
        changes = tuple(change for change in step.changes if hash_change(change) not in waiting)
        if changes:
            yield replace(step, changes=changes)


def repeats_last_plan(lease: Lease, steps: Sequence[Step]) -> bool:
    """Whether the scope's last round had the same plan."""
    return bool(steps) and _list_entry_changes(_load_last_entries(lease)) == _list_planned_changes(steps)


def has_last_plan_failed_silently(lease: Lease, steps: Sequence[Step]) -> bool:
    """Whether the scope's last round had the same plan, all calls succeeded, and AWS does not show the result.

    Such a scope backs off.
    """
    if not steps:
        return False
    entries = _load_last_entries(lease)
    is_done = all(entry.step.outcome == rounds.Step.Outcome.DONE for entry in entries)
    return is_done and _list_entry_changes(entries) == _list_planned_changes(steps)


def _load_last_entries(lease: Lease) -> list[StepEntry]:
    last = Round.objects.filter(scope=lease.scope).order_by("-pk").first()
    entries = (
        StepEntry.objects.filter(step__round=last).select_related("step")
        if last
        else StepEntry.objects.none()
    )
    return list(entries.order_by("step__position", "position"))


def _list_entry_changes(entries: Iterable[StepEntry]) -> list[tuple[str, object]]:
    return [(entry.action, entry.atom) for entry in entries]


def _list_planned_changes(steps: Iterable[Step]) -> list[tuple[str, object]]:
    return [(change.action, change.atom_json()) for step in steps for change in step.changes]


def record_refusal(lease: Lease, change: PlannedChange, error: AwsError) -> float:
    """Record a refusal of the change; returns the seconds until its next try."""
    told: dict[str, Any] = {
        "scope": lease.scope.pk,
        "key": hash_change(change),
        "action": change.action,
        "resource": change.resource,
        "intents": json.dumps(list(change.intents)),
        "error": str(error),
        "first": REFUSAL_INITIAL_WAIT,
        "longest": REFUSAL_MAX_WAIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_REFUSAL, told)
        (wait,) = cursor.fetchone()
    return float(wait)


def delete_refusals(lease: Lease, made: Iterable[PlannedChange]) -> None:
    """Delete the refusals of changes that succeeded."""
    Refusal.objects.filter(scope=lease.scope, key__in=[hash_change(change) for change in made]).delete()


def hash_change(change: PlannedChange) -> str:
    place = change.catalog
    told = [change.action, place.account, place.region, change.resource, change.atom_json(), change.intents]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
