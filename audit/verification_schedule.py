"""Verify the chain as time goes by: the latest links at each pass, and the whole of it in slices over the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from audit.models import Event, Seal, Verification
from audit.verification import Problem, hash_of, verify_chain, verify_events, verify_head, verify_links

VERIFICATION_LOCK = 5_207_123
RECENT = 2_000
"""Links, and events, that are verified at each pass besides those that came since the last one."""
SLICE = 5_000
PASSES = 2_000
"""In at most so many passes the whole chain is verified: with a pass each 20 seconds, in eleven hours."""
MOST_PROBLEMS = 20
"""Kept; a broken chain has one for each later link at worst."""


class Head(NamedTuple):
    """The numbers of the last link and of the last event, at a time of the bare clock."""

    seq: int
    event: int
    now: datetime


@dataclass(frozen=True)
class Outcome:
    """`found` are problems that the pass before did not know; `left` all that are known now; `links` were verified."""

    found: tuple[Problem, ...]
    left: tuple[Problem, ...]
    links: int


def verify_pass() -> Outcome | None:
    """Verify the latest links, the next slice, and the places of known problems. None while another process does it."""
    with transaction.atomic():
        if not _is_ours():
            return None
        row, _made = Verification.objects.get_or_create(pk=1)
        head = _head()
        seen = [*_still(row.problems), *_recent(row, head), *_slice(row, head)]
        return _write(row, seen, head, head.seq - row.recent_from + 1)


def verify_whole() -> Outcome:
    """Verify the whole chain at once, and write down what was found."""
    with transaction.atomic():
        _is_ours(wait=True)
        row, _made = Verification.objects.get_or_create(pk=1)
        head = _head()
        lost = list(verify_head(row.head_seq, row.head_hash))
        seen = [*lost, *islice(verify_chain(), MOST_PROBLEMS)]
        row.recent_from, row.slice_seq, row.slice_event, row.full_began_at = 1, head.seq, head.event, head.now
        _keep_head(row, head, is_lost=bool(lost))
        _end_of_full(row, head.seq, _head().now)
        return _write(row, seen, head, head.seq)


def _is_ours(*, wait: bool = False) -> bool:
    name = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(%s)", [VERIFICATION_LOCK])
        (is_ours,) = cursor.fetchone()
    return wait or bool(is_ours)


def _head() -> Head:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    seq = Seal.objects.aggregate(last=Max("seq"))["last"] or 0
    return Head(seq, Event.objects.aggregate(last=Max("pk"))["last"] or 0, now)


def _recent(row: Verification, head: Head) -> list[Problem]:
    """Those that came since the last pass, and `RECENT` before them. What was the head must be there still."""
    lost = list(verify_head(row.head_seq, row.head_hash))
    begin = head.seq if lost or not row.head_seq else row.head_seq
    after = max(0, begin - RECENT)
    events = max(0, head.event - RECENT - (head.seq - after))
    found = islice(chain(verify_links(after, head.seq), verify_events(events, head.event)), MOST_PROBLEMS)
    row.recent_from = after + 1
    _keep_head(row, head, is_lost=bool(lost))
    return [*lost, *found]


def _keep_head(row: Verification, head: Head, *, is_lost: bool) -> None:
    """A head that is gone is not forgotten: it stays a problem until it is there again."""
    row.recent_at = head.now
    if not is_lost:
        row.head_seq, row.head_hash = head.seq, hash_of(head.seq) if head.seq else ""


def _slice(row: Verification, head: Head) -> list[Problem]:
    if row.full_began_at is None or (row.slice_seq >= head.seq and row.slice_event >= head.event):
        row.slice_seq, row.slice_event, row.full_began_at = 0, 0, head.now
    seq = min(head.seq, row.slice_seq + max(SLICE, head.seq // PASSES))
    event = min(head.event, row.slice_event + max(SLICE, head.event // PASSES))
    parts = chain(verify_links(row.slice_seq, seq), verify_events(row.slice_event, event))
    found = list(islice(parts, MOST_PROBLEMS))
    row.slice_seq, row.slice_event = seq, event
    if seq >= head.seq and event >= head.event:
        _end_of_full(row, head.seq, head.now)
    return found


def _end_of_full(row: Verification, head_seq: int, now: datetime) -> None:
    row.full_at, row.full_seq = now, head_seq
    row.full_seconds = (now - row.full_began_at).total_seconds() if row.full_began_at else None


def _still(known: Iterable[dict[str, Any]]) -> list[Problem]:
    """Of the known problems those at whose places a look finds something again."""
    return [one for one in map(Problem.from_json, known) if _stands(one)]


def _stands(one: Problem) -> bool:
    if one.seq is None:
        return any(verify_events(one.event_id - 1, one.event_id))
    return any(again.seq == one.seq for again in verify_links(max(0, one.seq - 2), one.seq))


def _write(row: Verification, seen: Iterable[Problem], head: Head, links: int) -> Outcome:
    known = {(one["seq"], one["event"]) for one in row.problems}
    left = tuple(dict.fromkeys(seen))[:MOST_PROBLEMS]
    row.problems = [one.to_json() for one in left]
    row.broken_since = (row.broken_since or head.now) if left else None
    row.save()
    return Outcome(tuple(one for one in left if (one.seq, one.event_id) not in known), left, max(0, links))
