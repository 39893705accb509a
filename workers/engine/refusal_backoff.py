"""Back off from what AWS refused: each refused change waits for itself, longer each time, whatever wakes its scope."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from fulfilment.rounds import models
from fulfilment.rounds.models import FIRST_WAIT, LONGEST_WAIT, Entry, Refusal, Round
from lakeformation.planning.changes import Change, Step
from workers.aws.errors import AwsError
from workers.engine.claim import Lease

_NOTE = """
INSERT INTO fulfilment_refusal AS r (scope_id, key, action, resource, intents, count, first_at, last_at, next_at, error)
VALUES (%(scope)s, %(key)s, %(action)s, %(resource)s, %(intents)s::jsonb, 1, clock_timestamp(), clock_timestamp(),
        clock_timestamp() + make_interval(secs => %(first)s * (0.75 + random() / 2)), %(error)s)
ON CONFLICT (scope_id, key) DO UPDATE SET count = r.count + 1, last_at = excluded.last_at, error = excluded.error,
       next_at = clock_timestamp()
               + make_interval(secs => least(%(longest)s, %(first)s * 2.0 ^ least(r.count, 20)) * (0.75 + random() / 2))
RETURNING extract(epoch FROM next_at - clock_timestamp())
"""


@dataclass(frozen=True)
class Due:
    """`steps` that may be sent now. `next_in`: seconds until the first of the others may be; None when there is none."""

    steps: Sequence[Step]
    next_in: float | None


def due_steps(lease: Lease, steps: Sequence[Step]) -> Due:
    """The steps without the changes that AWS refused and that are not to be tried again yet. Refusals of what is no
    longer planned are forgotten. A lease that was woken to try again leaves nothing out.
    """
    rows = dict(Refusal.objects.filter(scope=lease.scope).values_list("key", "next_at"))
    if not rows:
        return Due(steps, None)
    keys = {key_of(change) for step in steps for change in step.changes}
    if over := rows.keys() - keys:
        Refusal.objects.filter(scope=lease.scope, key__in=over).delete()
    if lease.retries:
        return Due(steps, None)
    waiting = {key: at for key, at in rows.items() if key in keys and at > lease.began_at}
    if not waiting:
        return Due(steps, None)
    next_in = (min(waiting.values()) - lease.began_at).total_seconds()
    return Due(list(_without(steps, waiting.keys())), next_in)


def _without(steps: Iterable[Step], keys: Iterable[str]) -> Iterable[Step]:
    waiting = set(keys)
    for step in steps:
        changes = tuple(change for change in step.changes if key_of(change) not in waiting)
        if changes:
            yield replace(step, changes=changes)


def repeats_last_plan(lease: Lease, steps: Sequence[Step]) -> bool:
    """Whether the scope's last round planned the very same."""
    return bool(steps) and _told(_last_entries(lease)) == _planned(steps)


def was_done_in_vain(lease: Lease, steps: Sequence[Step]) -> bool:
    """Whether the scope's last round planned the very same, AWS said yes to all of it, and does not show it.

    Sending it again at once, for ever, would help nobody: such a scope backs off.
    """
    if not steps:
        return False
    entries = _last_entries(lease)
    is_done = all(entry.step.outcome == models.Step.Outcome.DONE for entry in entries)
    return is_done and _told(entries) == _planned(steps)


def _last_entries(lease: Lease) -> list[Entry]:
    last = Round.objects.filter(scope=lease.scope).order_by("-pk").first()
    entries = Entry.objects.filter(step__round=last).select_related("step") if last else Entry.objects.none()
    return list(entries.order_by("step__position", "position"))


def _told(entries: Iterable[Entry]) -> list[tuple[str, object]]:
    return [(entry.action, entry.atom) for entry in entries]


def _planned(steps: Iterable[Step]) -> list[tuple[str, object]]:
    return [(change.action, change.atom_json()) for step in steps for change in step.changes]


def note_refusal(lease: Lease, change: Change, error: AwsError) -> float:
    """Count one more refusal of the change; seconds until it is tried again."""
    told: dict[str, Any] = {
        "scope": lease.scope.pk, "key": key_of(change), "action": change.action, "resource": change.resource,
        "intents": json.dumps(list(change.intents)), "error": str(error), "first": FIRST_WAIT, "longest": LONGEST_WAIT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, told)
        (wait,) = cursor.fetchone()
    return float(wait)


def forget_refusals(lease: Lease, made: Iterable[Change]) -> None:
    """Of what went through in the end."""
    Refusal.objects.filter(scope=lease.scope, key__in=[key_of(change) for change in made]).delete()


def key_of(change: Change) -> str:
    place = change.place
    told = [change.action, place.account, place.region, change.resource, change.atom_json(), change.intents]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
