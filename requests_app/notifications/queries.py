"""A person's own notifications: pages of them, and marking them as read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.notifications.kinds import NotificationChannel
from requests_app.notifications.models import Notification
from requests_app.page_counts import get_page_counts


def list_notifications(person: Person) -> QuerySet[Notification]:
    """Lists the portal's notifications, newest first."""
    own = Notification.objects.filter(person=person, channel=NotificationChannel.PORTAL)
    return own.select_related("event").order_by("-pk")


def list_latest_notifications(person: Person) -> QuerySet[Notification]:
    """Lists the portal's notifications in the order of the times that are shown: the latest event first."""
    return list_notifications(person).order_by("-event__at", "-pk")


def count_notified_people(subjects: Sequence[str]) -> dict[str, int]:
    """By the subject of an event, how many people were notified of it in the portal. One query."""
    rows = Notification.objects.filter(event__subject__in=subjects, channel=NotificationChannel.PORTAL)
    counts = rows.order_by().values_list("event__subject").annotate(Count("person", distinct=True))
    return dict(counts)


def get_notification(person: Person, pk: int) -> Notification:
    """A notification of the person, on any channel. NotFoundError."""
    notification = Notification.objects.filter(person=person, pk=pk).first()
    if notification is None:
        raise NotFoundError
    return notification


def list_unread_items(person: Person, requests: Mapping[int, int]) -> frozenset[int]:
    """Items with an unread notification, of these by their requests. One query; none if the person has none unread."""
    if not requests or not get_page_counts(person).unread_count:
        return frozenset()
    rows = list_notifications(person).order_by().filter(_build_item_filter(requests), read_at=None)
    unread = {page_id or subject for page_id, subject in rows.values_list("page_id", "event__subject")}
    return frozenset(item for item, request in requests.items() if unread & {item, f"request:{request}"})


def mark_item_read(person: Person, item_id: int, request_id: int, now: datetime) -> None:
    """What asked the person to review the item, when they open it."""
    unread = list_notifications(person).order_by().filter(read_at=None)
    unread.filter(_build_item_filter({item_id: request_id})).update(read_at=now)


def _build_item_filter(requests: Mapping[int, int]) -> Q:
    """One notification of a request for several items leads to the inbox."""
    subjects = [f"request:{request}" for request in set(requests.values())]
    return Q(page="review", page_id__in=requests) | Q(page="reviews", event__subject__in=subjects)


def mark_read(person: Person, ids: Sequence[int], now: datetime) -> int:
    """How many of them were new. Reading is no act: it is not on the record."""
    return list_notifications(person).order_by().filter(pk__in=ids, read_at=None).update(read_at=now)


def mark_event_read(notification: Notification, now: datetime) -> None:
    """The same event's notification in the portal, when it was opened from a mail."""
    same = Notification.objects.filter(
        person=notification.person_id, event=notification.event_id, read_at=None
    )
    same.update(read_at=now)


def mark_all_read(person: Person, up_to: int, now: datetime) -> int:
    """All up to this id, which is the newest that the person was shown."""
    return list_notifications(person).order_by().filter(pk__lte=up_to, read_at=None).update(read_at=now)
