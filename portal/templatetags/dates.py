"""The format of end dates and ages; built-ins of every template."""

from datetime import datetime, timedelta

from django import template

from audit.durations import format_age
from requests_app.grants.end_dates import format_end_date

register = template.Library()


@register.filter
def end_date(ends_at: datetime | None, style: str = "short") -> str:
    """`{{ grant.ends_at|end_date }}`: "31 Mar 2027"; `|end_date:"long"`: "31 March 2027"."""
    return format_end_date(ends_at, short=style == "short") if ends_at else ""


@register.filter
def age(duration: timedelta) -> str:
    """`{{ queue.age|age }}`: "12 s" or "3 minutes"."""
    return format_age(duration)


@register.filter
def age_at(since: datetime, now: datetime) -> str:
    """`{{ task.taken_at|age_at:health.now }}`."""
    return format_age(now - since)
