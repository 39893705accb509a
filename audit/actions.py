"""Write audit events, inside the transaction of the change that they record."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from audit.digest import event_digest
from audit.models import Event, Pending


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
