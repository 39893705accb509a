"""Write an event. Called inside the transaction of the thing it records."""

from datetime import datetime
from typing import Any

from audit.digest import event_digest
from audit.models import Event, Pending


def record(*, verb: str, actor: str, subject: str, data: dict[str, Any], now: datetime) -> Event:
    """Add one event and queue it for sealing. `data` must be JSON; persons are named by id only."""
    digest = event_digest(at=now, verb=verb, actor=actor, subject=subject, data=data)
    event = Event.objects.create(at=now, verb=verb, actor=actor, subject=subject, data=data, digest=digest)
    Pending.objects.create(event=event)
    return event
