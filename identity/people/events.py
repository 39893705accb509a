"""Audit events of what a person does."""

from datetime import datetime
from typing import Any

from audit.actions import record_event
from audit.models import Event
from identity.people.models import Person


def record_by_person(verb: str, person: Person, subject: str, data: dict[str, Any], now: datetime) -> Event:
    return record_event(verb=verb, actor=f"person:{person.pk}", subject=subject, data=data, now=now)
