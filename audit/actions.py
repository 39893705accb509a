"""Record events, and seal them into the chain in batches, one sealer at a time."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from audit.models import Event, Pending, Seal
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock

GENESIS = "0" * 64


def event_digest(*, at: datetime, verb: str, actor: str, subject: str, data: dict[str, Any]) -> str:
    """SHA-256 of the event's canonical JSON: sorted keys, no spaces, time in UTC with microseconds."""
    body = [at.astimezone(UTC).isoformat(timespec="microseconds"), verb, actor, subject, data]
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def link_hash(*, seq: int, digest: str, prev: str) -> str:
    """SHA-256 of `seq:digest:prev`; the first link's `prev` is 64 zeros."""
    return hashlib.sha256(f"{seq}:{digest}:{prev}".encode()).hexdigest()


def record_event(*, verb: str, actor: str, subject: str, data: dict[str, Any], now: datetime) -> Event:
    """Add one event and queue it for sealing. `data` must be JSON; persons are named by id only."""
    digest = event_digest(at=now, verb=verb, actor=actor, subject=subject, data=data)
    event = Event.objects.create(at=now, verb=verb, actor=actor, subject=subject, data=data, digest=digest)
    Pending.objects.create(event=event)
    return event


def record_events(
    *, verb: str, actor: str, entries: Iterable[tuple[str, dict[str, Any]]], now: datetime
) -> list[Event]:
    """Add one event of the same verb for each (subject, data) in `entries`, in two statements."""
    events = Event.objects.bulk_create(
        Event(
            at=now,
            verb=verb,
            actor=actor,
            subject=subject,
            data=data,
            digest=event_digest(at=now, verb=verb, actor=actor, subject=subject, data=data),
        )
        for subject, data in entries
    )
    Pending.objects.bulk_create(Pending(event=event) for event in events)
    return events


BATCH_SIZE = 500


def seal_pending(*, using: str = "default", batch_size: int = BATCH_SIZE) -> int:
    """Seal up to `batch_size` waiting events; returns how many. 0 also when another sealer is at work.

    Locking the head of the chain inside each action would serialise all actions; sealing in
    batches behind an advisory lock does not.
    """
    if not Pending.objects.using(using).exists():
        return 0
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if not try_transaction_lock(AdvisoryLock.SEALING, using=using):
            return 0
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        waiting = list(Pending.objects.using(using).select_related("event").order_by("event_id")[:batch_size])
        head = Seal.objects.using(using).order_by("-seq").first()
        seq, prev = (head.seq, head.hash) if head else (0, GENESIS)
        seals = []
        for pending in waiting:
            seq += 1
            digest = link_hash(seq=seq, digest=pending.event.digest, prev=prev)
            seals.append(Seal(seq=seq, event=pending.event, prev=prev, hash=digest, sealed_at=now))
            prev = digest
        Seal.objects.using(using).bulk_create(seals)
        Pending.objects.using(using).filter(event_id__in=[p.event_id for p in waiting]).delete()
    return len(seals)
