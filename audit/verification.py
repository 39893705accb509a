"""Read the chain from its first link and say where it does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from audit.digest import GENESIS, event_digest, link_hash
from audit.models import Event, Pending, Seal


@dataclass(frozen=True)
class Problem:
    """`seq` is the link that does not hold, or None for an event outside the chain."""

    seq: int | None
    event_id: int
    text: str


def verify_chain() -> Iterator[Problem]:
    """Yield each break: a changed event, a changed link, a gap, an event neither sealed nor waiting."""
    prev, expected = GENESIS, 1
    for seal in Seal.objects.select_related("event").order_by("seq").iterator(chunk_size=2000):
        if seal.seq != expected:
            yield Problem(seal.seq, seal.event_id, f"link {expected} is missing")
        if _digest(seal.event) != seal.event.digest:
            yield Problem(seal.seq, seal.event_id, "the event was changed after it was written")
        if seal.prev != prev or seal.hash != link_hash(seq=seal.seq, digest=seal.event.digest, prev=prev):
            yield Problem(seal.seq, seal.event_id, "the link does not follow from the one before")
        prev, expected = seal.hash, seal.seq + 1
    known = Event.objects.exclude(pk__in=Seal.objects.values("event_id"))
    for event in known.exclude(pk__in=Pending.objects.values("event_id")):
        yield Problem(None, event.pk, "the event is neither sealed nor waiting for its seal")


def _digest(event: Event) -> str:
    return event_digest(
        at=event.at, verb=event.verb, actor=event.actor, subject=event.subject, data=event.data
    )
