"""Rows by which the web has workers do something: none is acted upon without the event of who asked for it.

Whoever has the web's database role can insert such rows in anybody's name. The event must name the same caller and the
same things as the row; whether the caller may still have it is checked by the task itself.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.actions import record_event
from audit.models import Event
from identity.people.models import Person, PlatformRole

REASON = "No event says that this was requested."
ENGINE = "engine:recorded_requests"
logger = logging.getLogger(__name__)


def is_recorded(*, verb: str, actor: str, subject: str, data: Mapping[str, Any]) -> bool:
    """Whether the caller's event has all of `data`."""
    return Event.objects.filter(verb=verb, actor=actor, subject=subject, data__contains=dict(data)).exists()


def record_incident(*, subject: str, what: str, now: datetime) -> None:
    """An event that governance admins are notified of."""
    admins = Person.objects.filter(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN, is_active=True)
    people = list(admins.order_by("pk").values_list("pk", flat=True))
    logger.error("refused %s (%s): %s", subject, what, REASON)
    data = {"people": people, "what": what, "reason": REASON}
    record_event(verb="refuse_request", actor=ENGINE, subject=subject, data=data, now=now)
