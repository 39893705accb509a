"""Deletes old notifications, mails and deliveries in batches."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from requests_app.notifications.models import Notification, NotificationMail
from requests_app.notifications.webhooks.models import WebhookDelivery

BATCH_SIZE = 500
"""Rows of each kind that one pass removes at most: it holds up nothing that is to be sent."""
SENDING_ENDED = Q(sent_at__isnull=False) | Q(gave_up_at__isnull=False)
NOT_BEING_SENT = Q(mail=None) | Q(mail__sent_at__isnull=False) | Q(mail__gave_up_at__isnull=False)


def delete_old_rows(*, now: datetime) -> int:
    """Delete up to `BATCH_SIZE` old rows of each kind; returns how many. A mail is deleted after its notifications."""
    notices = now - timedelta(days=settings.KEEP_NOTICES_DAYS)
    deliveries = now - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    return (
        _delete_batch(Notification.objects.filter(NOT_BEING_SENT), notices)
        + _delete_batch(NotificationMail.objects.filter(SENDING_ENDED, notices=None), notices)
        + _delete_batch(WebhookDelivery.objects.filter(SENDING_ENDED), deliveries)
    )


def _delete_batch(rows: QuerySet[Any], before: datetime) -> int:
    """The first row of all tells at no cost whether there is anything to look for: ids grow with time."""
    oldest = rows.model.objects.order_by("pk").values_list("created_at", flat=True).first()
    if oldest is None or oldest >= before:
        return 0
    found = list(rows.filter(created_at__lt=before).order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
    return int(rows.model.objects.filter(pk__in=found).delete()[0])
