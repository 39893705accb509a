"""How often something may be attempted for an e-mail and from an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from identity.keys import normalize_email

MAX_EMAIL_LENGTH = 254


@dataclass(frozen=True)
class AttemptLimit:
    """Within `period`. Rows of attempts have `email`, `address` and `at`."""

    period: timedelta
    per_email: int
    per_address: int

    def find_end(self, attempts: QuerySet[Any], email: str, address: str, now: datetime) -> datetime | None:
        """When the next attempt is allowed; None if it is allowed now. An unknown `address` is empty."""
        recent = attempts.filter(at__gt=now - self.period)
        ends = [self._find_end(recent.filter(email=email), self.per_email)]
        if address:
            ends.append(self._find_end(recent.filter(address=address), self.per_address))
        return max((end for end in ends if end), default=None)

    def _find_end(self, attempts: QuerySet[Any], limit: int) -> datetime | None:
        """When fewer than `limit` attempts are left in the period; None if that is so now."""
        counted = attempts.order_by("-at").values_list("at", flat=True)[limit - 1 : limit]
        return next((at + self.period for at in counted), None)


def describe_end(end: datetime) -> dict[str, str | None]:
    """`time` and `zone` for a sentence, rounded up to the minute."""
    minute = timezone.localtime(end + timedelta(seconds=59))
    return {"time": date_format(minute, "H:i"), "zone": minute.tzname()}


def truncate_email(email: str) -> str:
    """In its normal form, truncated to the column's length."""
    return normalize_email(email)[:MAX_EMAIL_LENGTH]
