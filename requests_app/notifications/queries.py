"""A person's own notices: a page of them, and marking them as read. Nobody sees another's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from identity.errors import NotFoundError
from identity.people.models import Person
from requests_app.notifications.kinds import Channel
from requests_app.notifications.models import Notice

A_PAGE = 30


@dataclass(frozen=True)
class Sought:
    """Empty does not filter; `before` is the id of the last notice of the page before."""

    kind: str = ""
    new_only: bool = False
    before: int | None = None


@dataclass(frozen=True)
class Page:
    """`following` leads to the next one."""

    notices: list[Notice]
    following: int | None


def notices_for(person: Person) -> QuerySet[Notice]:
    """Those of the portal, newest first."""
    own = Notice.objects.filter(person=person, channel=Channel.PORTAL)
    return own.select_related("event").order_by("-pk")


def page_of(person: Person, sought: Sought, size: int = A_PAGE) -> Page:
    """One query."""
    rows = notices_for(person)
    if sought.kind:
        rows = rows.filter(kind=sought.kind)
    if sought.new_only:
        rows = rows.filter(read_at=None)
    if sought.before is not None:
        rows = rows.filter(pk__lt=sought.before)
    found = list(rows[: size + 1])
    return Page(found[:size], found[size - 1].pk if len(found) > size else None)


def notice_of(person: Person, pk: int) -> Notice:
    """A notice of the person's, on whatever channel. NotFoundError."""
    found = Notice.objects.filter(person=person, pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def mark_read(person: Person, ids: Sequence[int], now: datetime) -> int:
    """How many of them were new. Reading is no act: it is not on the record."""
    return notices_for(person).order_by().filter(pk__in=ids, read_at=None).update(read_at=now)


def mark_event_read(notice: Notice, now: datetime) -> None:
    """The same event's notice in the portal, when it was opened from a mail."""
    same = Notice.objects.filter(person=notice.person_id, event=notice.event_id, read_at=None)
    same.update(read_at=now)


def mark_all_read(person: Person, up_to: int, now: datetime) -> int:
    """All up to this id, which is the newest that the person was shown."""
    return notices_for(person).order_by().filter(pk__lte=up_to, read_at=None).update(read_at=now)
