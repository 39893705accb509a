"""When each scope was last read in full, and from when on a reading is too old to rest a state on."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings

from fulfilment.observations.models import ScopeReading

PROMISED = timedelta(minutes=15)
"""Within which a change behind the portal is found in production."""


def longest_age() -> timedelta:
    """The promised time, or two scans where scans are rarer than that."""
    return max(PROMISED, timedelta(seconds=2 * settings.SCAN_EVERY))


def is_too_old(read_at: datetime | None, now: datetime) -> bool:
    """A scope that was never read has no reading that could be too old."""
    return read_at is not None and now - read_at > longest_age()


class ReadingTimes:
    """Of the scopes with these keys, or of all. One query, when the first is wanted."""

    def __init__(self, keys: Collection[str] | None = None) -> None:
        self._keys = keys

    def of(self, scope_key: str) -> datetime | None:
        return self._times.get(scope_key)

    @cached_property
    def _times(self) -> dict[str, datetime]:
        rows = ScopeReading.objects.all()
        if self._keys is not None:
            rows = rows.filter(scope__key__in=self._keys)
        return dict(rows.values_list("scope__key", "read_at"))
