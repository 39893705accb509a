"""Rows counted by period."""

from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Trunc

from requests_app.statistics.periods import Periods


def count_by_period(rows: QuerySet[Any], field: str, periods: Periods) -> tuple[int, ...]:
    """How many rows have the time `field` in each period. One query."""
    known = rows.filter(**{f"{field}__gte": periods.starts[0], f"{field}__lte": periods.until})
    by_start = known.order_by().annotate(start=Trunc(field, periods.interval.value)).values("start")
    counts = [0] * len(periods.starts)
    for start, count in by_start.annotate(count=Count("pk")).values_list("start", "count"):
        place = periods.find_place(start)
        if place is not None:
            counts[place] += count
    return tuple(counts)
