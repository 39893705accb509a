"""The format of end dates and ages; built-ins of every template."""

from datetime import datetime, timedelta

from django import template

from kernel.durations import format_age
from requests_app.grants.end_dates import format_end_date, format_nearest_end
from requests_app.grants.models import Grant

register = template.Library()


@register.filter
def end_date(ends_at: datetime | None, style: str = "short") -> str:
    """`{{ grant.ends_at|end_date }}`: "31 Mar 2027"; `|end_date:"long"`: "31 March 2027"."""
    return format_end_date(ends_at, short=style == "short") if ends_at else ""


@register.filter
def nearest_end(grant: Grant, style: str = "short") -> str:
    """`{{ grant|nearest_end }}`: "20 Dec 2026, unless a data owner keeps it"; `|nearest_end:"long"`."""
    return format_nearest_end(grant, short=style == "short")


@register.filter
def age(duration: timedelta) -> str:
    """`{{ queue.age|age }}`: "12 s" or "3 minutes"."""
    return format_age(duration)


@register.filter
def age_at(since: datetime, now: datetime) -> str:
    """`{{ task.taken_at|age_at:health.now }}`."""
    return format_age(now - since)
