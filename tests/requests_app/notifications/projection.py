"""Sealing and projecting in a test, as the sealer and the worker do it."""

from datetime import datetime

from audit.actions import seal_pending
from identity.people.models import Person
from kernel import clock
from requests_app.notifications.models import Notification, ProjectionPosition
from requests_app.notifications.projection import project_events
from tests.database import as_role


def project_all_events(now: datetime | None = None) -> int:
    """Seals what waits and tells all of it; how many events were read."""
    with as_role("meshmarket_sealer"):
        while seal_pending():
            pass
    with as_role("meshmarket_worker"):
        return project_events(now=now or clock.now(), limit=1000)


def reset_projection() -> None:
    """As an operator would have everything told again."""
    with as_role("meshmarket_worker"):
        ProjectionPosition.objects.update(seq=0)


def list_notification_texts(person: Person, channel: str = "portal") -> list[str]:
    return list(
        Notification.objects.filter(person=person, channel=channel)
        .order_by("pk")
        .values_list("text", flat=True)
    )
