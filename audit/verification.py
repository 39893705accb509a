"""Verify the chain of seals, or a part of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet

from audit.digest import GENESIS, event_digest, link_hash
from audit.models import Event, Pending, Seal


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


def verify_chain() -> Iterator[Problem]:
    """Yield each break: a changed event, a changed link, a gap, an event neither sealed nor waiting."""
    yield from verify_links(0, Seal.objects.aggregate(last=Max("seq"))["last"] or 0)
    yield from verify_events(0, Event.objects.aggregate(last=Max("pk"))["last"] or 0)


def verify_links(after: int, upto: int) -> Iterator[Problem]:
    """Yield each break among the links numbered `after` + 1 to `upto`. The hash of link `after` is taken from its row:
    it is verified with the part before.
    """
    prev, expected = load_link_hash(after), after + 1
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


def verify_head(seq: int, digest: str) -> Iterator[Problem]:
    """Yield a break when the link that was once the last is gone or is another now: the chain was cut or written anew."""
    row = Seal.objects.filter(seq=seq).values_list("hash", "event_id").first()
    if seq and row is None:
        yield Problem(seq, 0, "the end of the chain is missing: this link was verified before")
    elif seq and row is not None and row[0] != digest:
        yield Problem(seq, row[1], "the link is not the one that was verified before")


def verify_events(after: int, upto: int) -> Iterator[Problem]:
    """Yield each break among the events with ids `after` + 1 to `upto`: one that was changed before its seal, one
    that is neither sealed nor waiting. One statement each, so that a seal that is being made is no break.
    """
    rows = Event.objects.filter(pk__gt=after, pk__lte=upto)
    for event in rows.filter(Exists(_pending_of_event())).order_by("pk"):
        if _compute_digest(event) != event.digest:
            yield Problem(None, event.pk, "the event was changed before it was sealed")
    for event in rows.exclude(Exists(_seals_of_event())).exclude(Exists(_pending_of_event())).order_by("pk"):
        yield Problem(None, event.pk, "the event is neither sealed nor waiting for its seal")


def load_link_hash(seq: int) -> str:
    """The stored hash of a link, or GENESIS where there is no such link."""
    found = Seal.objects.filter(seq=seq).values_list("hash", flat=True).first()
    return found or GENESIS


def _seals_of_event() -> QuerySet[Seal]:
    return Seal.objects.filter(event=OuterRef("pk"))


def _pending_of_event() -> QuerySet[Pending]:
    return Pending.objects.filter(event=OuterRef("pk"))


def _compute_digest(event: Event) -> str:
    return event_digest(
        at=event.at, verb=event.verb, actor=event.actor, subject=event.subject, data=event.data
    )
