"""Deletes old rows of usage."""

from datetime import datetime, timedelta

from django.conf import settings

from catalog.usage.athena.models import ColumnUseDay, CountedQuery, JoinUseDay, QueryDay
from catalog.usage.models import QueryReader, UsageDay

KEPT_EXECUTION_DAYS = 60
"""Longer than Athena lists a query, which is 45 days: one that is listed still is known as counted."""


def delete_old_usage(*, now: datetime) -> None:
    """Rows by day after `USAGE_DAYS`. Last uses stay."""
    first_day = (now - timedelta(days=settings.USAGE_DAYS)).date()
    for rows in (UsageDay, QueryDay, ColumnUseDay, JoinUseDay):
        rows._default_manager.filter(day__lt=first_day).delete()  # noqa: SLF001 - Django's own name
    limit = now - timedelta(days=KEPT_EXECUTION_DAYS)
    CountedQuery.objects.filter(submitted_at__lt=limit).delete()
    QueryReader.objects.filter(at__lt=limit).delete()
