"""When a saved search is compared next."""

from datetime import datetime, time, timedelta

from django.conf import settings

from catalog.search.models import SavedSearch

MONDAY = 0
WEEK = timedelta(days=7)


def compute_next_check(alert: str, now: datetime) -> datetime | None:
    """Daily and weekly alerts come at the hour of digests, weekly ones on Mondays; None without an alert."""
    if alert == SavedSearch.Alert.NONE:
        return None
    if alert == SavedSearch.Alert.AT_ONCE:
        return now + timedelta(seconds=settings.SEARCH_ALERT_EVERY)
    today = datetime.combine(now.date(), time(settings.DIGEST_HOUR), tzinfo=now.tzinfo)
    if alert == SavedSearch.Alert.DAILY:
        return today if today > now else today + timedelta(days=1)
    monday = today + timedelta(days=(MONDAY - now.weekday()) % 7)
    return monday if monday > now else monday + WEEK
