"""Filtered audit events with their actors and subjects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from audit.models import Event
from identity.people.may import may_read_audit_log
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.audit_log.subjects import Subject, describe_subjects


@dataclass(frozen=True)
class EventRow:
    """`actor` is a person, or None for the engine; `subject` is None where only the log names what it is about."""

    event: Event
    actor: Person | None
    subject: Subject | None

    @property
    def is_by_workers(self) -> bool:
        return self.event.actor.startswith("engine:")

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
    """With actors and subjects. One query, and those of `describe_subjects`."""
    people, subjects = map_people(rows), describe_subjects({row.subject for row in rows})
    return [EventRow(row, people.get(row.actor), subjects.get(row.subject)) for row in rows]


def map_people(rows: Iterable[Event]) -> Mapping[str, Person]:
    """People by the `actor` and `subject` of the events. One query."""
    named = {name for row in rows for name in (row.actor, row.subject) if name.startswith("person:")}
    ids = [name.removeprefix("person:") for name in named]
    persons = Person.objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    return {f"person:{person.pk}": person for person in persons}
