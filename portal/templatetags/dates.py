"""The format of end dates; a built-in of every template."""

from datetime import datetime

from django import template

from requests_app.grants.end_dates import format_end_date

register = template.Library()


@register.filter
def end_date(ends_at: datetime | None, month: str = "M") -> str:
    """`{{ grant.ends_at|end_date }}`, with the month short; `|end_date:"F"` in full."""
    return format_end_date(ends_at, month=month) if ends_at else ""
