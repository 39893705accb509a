"""The format of end dates and ages; built-ins of every template."""

from datetime import datetime, timedelta

from django import template

from portal.pages.durations import format_age
from requests_app.grants.end_dates import format_end_date

register = template.Library()


@register.filter
def end_date(ends_at: datetime | None, month: str = "M") -> str:
    """`{{ grant.ends_at|end_date }}`, with the month short; `|end_date:"F"` in full."""
    return format_end_date(ends_at, month=month) if ends_at else ""


@register.filter
def age(duration: timedelta) -> str:
    """`{{ queue.age|age }}`: "12 s" or "3 minutes"."""
    return format_age(duration)


@register.filter
def age_at(since: datetime, now: datetime) -> str:
    """`{{ task.taken_at|age_at:health.now }}`."""
    return format_age(now - since)
