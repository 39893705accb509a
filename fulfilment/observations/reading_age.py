"""Time of each scope's last complete reading, and the age limit of a reading."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings

from fulfilment.observations.models import ScopeReading

DETECTION_TARGET = timedelta(minutes=15)
"""In production, a change made outside the portal is detected within this time."""


def max_reading_age() -> timedelta:
    """The detection target, or two scan intervals if that is longer."""
    return max(DETECTION_TARGET, timedelta(seconds=2 * settings.SCAN_EVERY))


def is_reading_too_old(read_at: datetime | None, now: datetime) -> bool:
    """False for a scope that was never read."""
    return read_at is not None and now - read_at > max_reading_age()


class ReadingTimes:
    """Times of the last readings by scope key, for these keys or all. One query, made on first use."""

    def __init__(self, keys: Collection[str] | None = None) -> None:
        self._keys = keys

    def get(self, scope_key: str) -> datetime | None:
        return self._times.get(scope_key)

    @cached_property
    def _times(self) -> dict[str, datetime]:
        rows = ScopeReading.objects.all()
        if self._keys is not None:
            rows = rows.filter(scope__key__in=self._keys)
        return dict(rows.values_list("scope__key", "read_at"))
