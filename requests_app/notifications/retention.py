"""Deletes old notices, mails and deliveries in batches."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from requests_app.notifications.models import Letter, Notice
from requests_app.notifications.webhooks.models import Delivery

A_PASS = 500
"""Rows of each kind that one pass removes at most: it holds up nothing that is to be sent."""
ENDED = Q(sent_at__isnull=False) | Q(gave_up_at__isnull=False)
NOT_ON_ITS_WAY = Q(letter=None) | Q(letter__sent_at__isnull=False) | Q(letter__gave_up_at__isnull=False)


def forget_old(*, now: datetime) -> int:
    """Remove what was kept long enough, `A_PASS` of each kind at most; how many went. A letter goes after its notices."""
    notices = now - timedelta(days=settings.KEEP_NOTICES_DAYS)
    deliveries = now - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    return (
        _remove(Notice.objects.filter(NOT_ON_ITS_WAY), notices)
        + _remove(Letter.objects.filter(ENDED, notices=None), notices)
        + _remove(Delivery.objects.filter(ENDED), deliveries)
    )


def _remove(rows: QuerySet[Any], before: datetime) -> int:
    """The first row of all tells at no cost whether there is anything to look for: ids grow with time."""
    oldest = rows.model.objects.order_by("pk").values_list("made_at", flat=True).first()
    if oldest is None or oldest >= before:
        return 0
    found = list(rows.filter(made_at__lt=before).order_by("pk").values_list("pk", flat=True)[:A_PASS])
    return int(rows.model.objects.filter(pk__in=found).delete()[0])
