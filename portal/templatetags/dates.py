"""When access ends, as every page writes it. Known to every template."""

from datetime import datetime

from django import template

from requests_app.grants.end_dates import end_in_words

register = template.Library()


@register.filter
def end(ends_at: datetime | None, month: str = "M") -> str:
    """`{{ grant.ends_at|end }}`, with the month short; `|end:"F"` in full."""
    return end_in_words(ends_at, month=month) if ends_at else ""
