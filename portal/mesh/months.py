"""The last twelve months, as periods of reports."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

MONTHS = 12


def list_months(now: datetime) -> tuple[datetime, ...]:
    """The first moments of twelve months in local time; the last one is not over."""
    at = localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(at.year * MONTHS + at.month - 1 - back, MONTHS)
        found.append(at.replace(year=year, month=month + 1))
    return tuple(found)


def list_month_names(months: tuple[datetime, ...]) -> tuple[str, ...]:
    return tuple(date_format(month, "M Y") for month in months)


def format_month(at: datetime) -> str:
    """As a key: `2026-11`."""
    return f"{localtime(at):%Y-%m}"
