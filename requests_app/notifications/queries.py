"""A person's own notices: pages of them, and marking them as read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from identity.errors import NotFoundError
from identity.people.models import Person
from requests_app.notifications.kinds import NotificationChannel
from requests_app.notifications.models import Notice

PAGE_SIZE = 30


@dataclass(frozen=True)
class NoticeQuery:
    """Empty does not filter; `before` is the id of the last notice of the page before."""

    kind: str = ""
    new_only: bool = False
    before: int | None = None


@dataclass(frozen=True)
class NoticePage:
    """`following` leads to the next one."""

    notices: list[Notice]
    following: int | None


def list_notices(person: Person) -> QuerySet[Notice]:
    """Those of the portal, newest first."""
    own = Notice.objects.filter(person=person, channel=NotificationChannel.PORTAL)
    return own.select_related("event").order_by("-pk")


def get_notice_page(person: Person, query: NoticeQuery, size: int = PAGE_SIZE) -> NoticePage:
    """One query."""
    rows = list_notices(person)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.new_only:
        rows = rows.filter(read_at=None)
    if query.before is not None:
        rows = rows.filter(pk__lt=query.before)
    found = list(rows[: size + 1])
    return NoticePage(found[:size], found[size - 1].pk if len(found) > size else None)


def get_notice(person: Person, pk: int) -> Notice:
    """A notice of the person's, on whatever channel. NotFoundError."""
    found = Notice.objects.filter(person=person, pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def mark_read(person: Person, ids: Sequence[int], now: datetime) -> int:
    """How many of them were new. Reading is no act: it is not on the record."""
    return list_notices(person).order_by().filter(pk__in=ids, read_at=None).update(read_at=now)


def mark_event_read(notice: Notice, now: datetime) -> None:
    """The same event's notice in the portal, when it was opened from a mail."""
    same = Notice.objects.filter(person=notice.person_id, event=notice.event_id, read_at=None)
    same.update(read_at=now)


def mark_all_read(person: Person, up_to: int, now: datetime) -> int:
    """All up to this id, which is the newest that the person was shown."""
    return list_notices(person).order_by().filter(pk__lte=up_to, read_at=None).update(read_at=now)
