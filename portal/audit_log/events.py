"""The audit log: events, newest first, as far as filters leave them, with who acted and what they are about."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from identity.errors import NotFoundError
from identity.people.may import may_read_audit_log
from identity.people.models import Person

PAGES = {"item": "review", "grant": "grant-proof", "request": "access-request", "campaign": "access-review"}
"""Of what an event may be about: the page that shows it."""


@dataclass(frozen=True)
class Filters:
    """Empty ones leave everything in. `who` is a part of a person's name or e-mail, or an actor as the log
    has it, such as `engine:worker-1`.
    """

    verb: str = ""
    who: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def address(self) -> str:
        told = vars(self).items()
        return urlencode({name: value for name, value in told if value})


@dataclass(frozen=True)
class EventShown:
    """`actor` is a person, or None where the engine acted; `about` the person that it is about, `url` the page of what it
    is about.
    """

    row: Event
    actor: Person | None
    about: Person | None
    url: str

    @property
    def verb(self) -> str:
        return self.row.verb.replace("_", " ")

    @property
    def details(self) -> list[tuple[str, str]]:
        """Each name of the event's data with its value, what is no text as JSON; empty ones are left out."""
        return [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in self.row.data.items()
            if value not in ("", None, [], {})
        ]


def events_for(person: Person, filters: Filters) -> QuerySet[Event]:
    """With their seals, in no order. NotFoundError for whoever may not read them."""
    if not may_read_audit_log(person):
        raise NotFoundError
    rows = Event.objects.select_related("seal")
    if filters.verb:
        rows = rows.filter(verb=filters.verb)
    if filters.subject:
        rows = rows.filter(subject=filters.subject)
    if filters.who:
        rows = rows.filter(actor__in=_actors(filters.who))
    if filters.since:
        rows = rows.filter(at__gte=_begin_of(filters.since))
    return rows.filter(at__lt=_begin_of(filters.until + timedelta(days=1))) if filters.until else rows


def shown(rows: Sequence[Event]) -> list[EventShown]:
    """With the people whom they name. One query."""
    people = people_in(rows)
    return [
        EventShown(row, people.get(row.actor), people.get(row.subject), _page_of(row.subject)) for row in rows
    ]


def people_in(rows: Iterable[Event]) -> Mapping[str, Person]:
    """Who acted and who is meant, by the event's `actor` and `subject`. One query."""
    named = {name for row in rows for name in (row.actor, row.subject) if name.startswith("person:")}
    ids = [name.removeprefix("person:") for name in named]
    found = Person.objects.filter(pk__in=[int(one) for one in ids if one.isdecimal()])
    return {f"person:{person.pk}": person for person in found}


def _actors(who: str) -> list[str]:
    people = Person.objects.filter(name__icontains=who) | Person.objects.filter(email__icontains=who)
    return [who, *(f"person:{pk}" for pk in people.values_list("pk", flat=True))]


def _begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _page_of(subject: str) -> str:
    kind, _, number = subject.partition(":")
    return reverse(PAGES[kind], args=[int(number)]) if kind in PAGES and number.isdecimal() else ""
