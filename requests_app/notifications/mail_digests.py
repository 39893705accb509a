"""Puts notifications into mails: each into its own, or a day's into one."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from requests_app.notifications.kinds import Frequency, NotificationChannel
from requests_app.notifications.models import Notification, NotificationMail, ProjectionPosition

MAX_NOTIFICATIONS = 500


def create_mails(*, now: datetime) -> int:
    """Returns how many were created. A mail never changes: each attempt sends it under the same key."""
    with transaction.atomic():
        if ProjectionPosition.objects.select_for_update(skip_locked=True).first() is None:
            return 0
        waiting = Notification.objects.filter(channel=NotificationChannel.MAIL, mail=None, due_at__lte=now)
        mails: dict[str, list[Notification]] = defaultdict(list)
        day_of: dict[int, str] = {}
        for notification in waiting.order_by("pk")[:MAX_NOTIFICATIONS]:
            key = f"event-{notification.event_id}.person-{notification.person_id}.mail"
            if notification.frequency == Frequency.DAILY:
                key = day_of.setdefault(
                    notification.person_id, f"digest-{notification.pk}.person-{notification.person_id}.mail"
                )
            mails[key].append(notification)
        for key, notifications in mails.items():
            mail = NotificationMail.objects.create(
                key=key, person_id=notifications[0].person_id, created_at=now, due_at=now
            )
            Notification.objects.filter(pk__in=[notification.pk for notification in notifications]).update(
                mail=mail
            )
    return len(mails)
