"""Filtered audit events with their actors and subjects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from identity.people.may import may_read_audit_log
from identity.people.models import Person
from kernel.errors import NotFoundError

SUBJECT_PAGES = {
    "item": "review",
    "grant": "grant-proof",
    "request": "access-request",
    "access_review": "access-review",
}
"""URL names by the kind of subject."""


@dataclass(frozen=True)
class AuditLogFilters:
    """Empty ones leave everything in. `who` is a part of a person's name or e-mail, or an actor as the log
    has it, such as `engine:worker-1`.
    """

    verb: str = ""
    who: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def querystring(self) -> str:
        told = vars(self).items()
        return urlencode({name: value for name, value in told if value})


@dataclass(frozen=True)
class EventRow:
    """`actor` is a person, or None for the engine; `subject_person` the person it is about; `url` the page
    of its subject.
    """

    event: Event
    actor: Person | None
    subject_person: Person | None
    url: str

    @property
    def verb(self) -> str:
        return self.event.verb.replace("_", " ")

    @property
    def details(self) -> list[tuple[str, str]]:
        """Each name of the event's data with its value, what is no text as JSON; empty ones are left out."""
        return [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in self.event.data.items()
            if value not in ("", None, [], {})
        ]


def list_events(person: Person, filters: AuditLogFilters) -> QuerySet[Event]:
    """Unordered, with seals. NotFoundError unless the person may read the log."""
    if not may_read_audit_log(person):
        raise NotFoundError
    rows = Event.objects.select_related("seal")
    if filters.verb:
        rows = rows.filter(verb=filters.verb)
    if filters.subject:
        rows = rows.filter(subject=filters.subject)
    if filters.who:
        people = Person.objects.filter(name__icontains=filters.who) | Person.objects.filter(
            email__icontains=filters.who
        )
        actor__in = [filters.who, *(f"person:{pk}" for pk in people.values_list("pk", flat=True))]
        rows = rows.filter(actor__in=actor__in)
    if filters.since:
        rows = rows.filter(at__gte=_get_start_of_day(filters.since))
    return rows.filter(at__lt=_get_start_of_day(filters.until + timedelta(days=1))) if filters.until else rows


def build_event_rows(rows: Sequence[Event]) -> list[EventRow]:
    """With actors and subjects. One query."""
    people = map_people(rows)
    return [
        EventRow(row, people.get(row.actor), people.get(row.subject), _get_subject_url(row.subject))
        for row in rows
    ]


def map_people(rows: Iterable[Event]) -> Mapping[str, Person]:
    """People by the `actor` and `subject` of the events. One query."""
    named = {name for row in rows for name in (row.actor, row.subject) if name.startswith("person:")}
    ids = [name.removeprefix("person:") for name in named]
    found = Person.objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    return {f"person:{person.pk}": person for person in found}


def _get_start_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _get_subject_url(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return (
        reverse(SUBJECT_PAGES[kind], args=[int(number)])
        if kind in SUBJECT_PAGES and number.isdecimal()
        else ""
    )
