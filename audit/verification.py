"""Verify the chain continuously: the latest links at each pass, and the whole chain in slices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from audit.actions import GENESIS, event_digest, link_hash
from audit.models import Event, Pending, Seal, Verification
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock, try_transaction_lock

RECENT_COUNT = 2_000
"""Links, and events, that are verified at each pass besides those that came since the last one."""
SLICE_SIZE = 5_000
MAX_PASSES = 2_000
"""The whole chain is verified within this many passes: eleven hours at one pass each 20 seconds."""
MAX_PROBLEMS = 20
"""Stored at most; a broken chain may have one for each later link."""


@dataclass(frozen=True)
class Problem:
    """`seq` is the link that does not hold, or None for an event outside the chain."""

    seq: int | None
    event_id: int
    text: str

    def __str__(self) -> str:
        where = f"link {self.seq}, " if self.seq is not None else ""
        return f"{where}event {self.event_id}: {self.text}"

    def to_json(self) -> dict[str, Any]:
        return {"seq": self.seq, "event": self.event_id, "text": self.text}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Problem":
        return cls(data["seq"], data["event"], data["text"])


class ChainHead(NamedTuple):
    """The numbers of the last link and of the last event, at a time of the bare clock."""

    seq: int
    event: int
    now: datetime


@dataclass(frozen=True)
class VerificationResult:
    """`new_problems` were unknown before this pass; `problems` are all known now; `link_count` links were verified."""

    new_problems: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    link_count: int


def run_verification_pass() -> VerificationResult | None:
    """Verify the latest links, the next slice, and the places of known problems. None while another process does it."""
    with transaction.atomic():
        if not try_transaction_lock(AdvisoryLock.CHAIN_VERIFICATION):
            return None
        row, _made = Verification.objects.get_or_create(pk=1)
        head = _load_head()
        seen = [*_recheck_problems(row.problems), *_verify_recent(row, head), *_verify_slice(row, head)]
        return _save_result(row, seen, head, head.seq - row.recent_from + 1)


def verify_full_chain() -> VerificationResult:
    """Verify the whole chain at once, and write down what was found."""
    with transaction.atomic():
        acquire_transaction_lock(AdvisoryLock.CHAIN_VERIFICATION)
        row, _made = Verification.objects.get_or_create(pk=1)
        head = _load_head()
        lost = list(_verify_head(row.head_seq, row.head_hash))
        seen = [*lost, *islice(verify_chain(), MAX_PROBLEMS)]
        row.recent_from, row.slice_seq, row.slice_event, row.full_began_at = 1, head.seq, head.event, head.now
        _update_head(row, head, is_lost=bool(lost))
        _finish_full_pass(row, head.seq, _load_head().now)
        return _save_result(row, seen, head, head.seq)


def _load_head() -> ChainHead:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    seq = Seal.objects.aggregate(last=Max("seq"))["last"] or 0
    return ChainHead(seq, Event.objects.aggregate(last=Max("pk"))["last"] or 0, now)


def _verify_recent(row: Verification, head: ChainHead) -> list[Problem]:
    """Verify links since the last pass and `RECENT_COUNT` before them, and that the former head still exists."""
    lost = list(_verify_head(row.head_seq, row.head_hash))
    begin = head.seq if lost or not row.head_seq else row.head_seq
    after = max(0, begin - RECENT_COUNT)
    events = max(0, head.event - RECENT_COUNT - (head.seq - after))
    found = islice(chain(_verify_links(after, head.seq), _verify_events(events, head.event)), MAX_PROBLEMS)
    row.recent_from = after + 1
    _update_head(row, head, is_lost=bool(lost))
    return [*lost, *found]


def _update_head(row: Verification, head: ChainHead, *, is_lost: bool) -> None:
    """A missing head stays recorded, and a problem, until it is back."""
    row.recent_at = head.now
    if not is_lost:
        row.head_seq, row.head_hash = head.seq, _load_link_hash(head.seq) if head.seq else ""


def _verify_slice(row: Verification, head: ChainHead) -> list[Problem]:
    if row.full_began_at is None or (row.slice_seq >= head.seq and row.slice_event >= head.event):
        row.slice_seq, row.slice_event, row.full_began_at = 0, 0, head.now
    seq = min(head.seq, row.slice_seq + max(SLICE_SIZE, head.seq // MAX_PASSES))
    event = min(head.event, row.slice_event + max(SLICE_SIZE, head.event // MAX_PASSES))
    parts = chain(_verify_links(row.slice_seq, seq), _verify_events(row.slice_event, event))
    problems = list(islice(parts, MAX_PROBLEMS))
    row.slice_seq, row.slice_event = seq, event
    if seq >= head.seq and event >= head.event:
        _finish_full_pass(row, head.seq, head.now)
    return problems


def _finish_full_pass(row: Verification, head_seq: int, now: datetime) -> None:
    row.full_at, row.full_seq = now, head_seq
    row.full_seconds = (now - row.full_began_at).total_seconds() if row.full_began_at else None


def _recheck_problems(known: Iterable[dict[str, Any]]) -> list[Problem]:
    """Known problems that still exist."""
    return [one for one in map(Problem.from_json, known) if _is_still_broken(one)]


def _is_still_broken(problem: Problem) -> bool:
    if problem.seq is None:
        return any(_verify_events(problem.event_id - 1, problem.event_id))
    return any(again.seq == problem.seq for again in _verify_links(max(0, problem.seq - 2), problem.seq))


def _save_result(
    row: Verification, problems: Iterable[Problem], head: ChainHead, links: int
) -> VerificationResult:
    known = {(problem["seq"], problem["event"]) for problem in row.problems}
    left = tuple(dict.fromkeys(problems))[:MAX_PROBLEMS]
    row.problems = [one.to_json() for one in left]
    row.broken_since = (row.broken_since or head.now) if left else None
    row.save()
    return VerificationResult(
        tuple(one for one in left if (one.seq, one.event_id) not in known), left, max(0, links)
    )


def verify_chain() -> Iterator[Problem]:
    """Yield each break: a changed event, a changed link, a gap, an event neither sealed nor waiting."""
    yield from _verify_links(0, Seal.objects.aggregate(last=Max("seq"))["last"] or 0)
    yield from _verify_events(0, Event.objects.aggregate(last=Max("pk"))["last"] or 0)


def _verify_links(after: int, upto: int) -> Iterator[Problem]:
    """Yield each break among the links numbered `after` + 1 to `upto`. The hash of link `after` is taken from its row:
    it is verified with the part before.
    """
    prev, expected = _load_link_hash(after), after + 1
    links = Seal.objects.filter(seq__gt=after, seq__lte=upto)
    for seal in links.select_related("event").order_by("seq").iterator(chunk_size=2000):
        if seal.seq != expected:
            yield Problem(seal.seq, seal.event_id, f"link {expected} is missing")
        if _compute_digest(seal.event) != seal.event.digest:
            yield Problem(seal.seq, seal.event_id, "the event was changed after it was written")
        if seal.prev != prev or seal.hash != link_hash(seq=seal.seq, digest=seal.event.digest, prev=prev):
            yield Problem(seal.seq, seal.event_id, "the link does not follow from the one before")
        prev, expected = seal.hash, seal.seq + 1
    if expected <= upto:
        yield Problem(upto, 0, f"link {expected} is missing")


def _verify_head(seq: int, digest: str) -> Iterator[Problem]:
    """Yield a break when the link that was once the last is gone or is another now: the chain was cut or written anew."""
    row = Seal.objects.filter(seq=seq).values_list("hash", "event_id").first()
    if seq and row is None:
        yield Problem(seq, 0, "the end of the chain is missing: this link was verified before")
    elif seq and row is not None and row[0] != digest:
        yield Problem(seq, row[1], "the link is not the one that was verified before")


def _verify_events(after: int, upto: int) -> Iterator[Problem]:
    """Yield each break among the events with ids `after` + 1 to `upto`: one that was changed before its seal, one
    that is neither sealed nor waiting. One statement each, so that a seal that is being made is no break.
    """
    rows = Event.objects.filter(pk__gt=after, pk__lte=upto)
    for event in rows.filter(Exists(_pending_of_event())).order_by("pk"):
        if _compute_digest(event) != event.digest:
            yield Problem(None, event.pk, "the event was changed before it was sealed")
    for event in rows.exclude(Exists(_seals_of_event())).exclude(Exists(_pending_of_event())).order_by("pk"):
        yield Problem(None, event.pk, "the event is neither sealed nor waiting for its seal")


def _load_link_hash(seq: int) -> str:
    """The stored hash of a link, or GENESIS where there is no such link."""
    seal = Seal.objects.filter(seq=seq).values_list("hash", flat=True).first()
    return seal or GENESIS


def _seals_of_event() -> QuerySet[Seal]:
    return Seal.objects.filter(event=OuterRef("pk"))


def _pending_of_event() -> QuerySet[Pending]:
    return Pending.objects.filter(event=OuterRef("pk"))


def _compute_digest(event: Event) -> str:
    return event_digest(
        at=event.at, verb=event.verb, actor=event.actor, subject=event.subject, data=event.data
    )


DATABASE_NOW = models.Func(function="clock_timestamp", output_field=models.DateTimeField())
MAX_VERIFICATION_AGE = timedelta(minutes=5)
"""After this long without a verification, the check counts as late."""


def get_verification() -> Verification | None:
    return Verification.objects.first()


def is_verification_late() -> bool:
    """Whether the latest links were not verified for `MAX_VERIFICATION_AGE`."""
    return not Verification.objects.filter(recent_at__gte=DATABASE_NOW - MAX_VERIFICATION_AGE).exists()
