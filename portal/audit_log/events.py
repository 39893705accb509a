"""Filtered audit events with their actors and subjects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

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


def list_events(person: Person) -> QuerySet[Event]:
    """Newest first, with seals. NotFoundError unless the person may read the log."""
    if not may_read_audit_log(person):
        raise NotFoundError
    return Event.objects.select_related("seal").order_by("-pk")


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
    persons = Person.objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    return {f"person:{person.pk}": person for person in persons}


def _get_subject_url(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return (
        reverse(SUBJECT_PAGES[kind], args=[int(number)])
        if kind in SUBJECT_PAGES and number.isdecimal()
        else ""
    )
