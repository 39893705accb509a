"""How many grants were active over time."""

from itertools import accumulate

from django.db.models import Q, QuerySet

from requests_app.grants.models import Grant
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import Periods


def count_active_grants(grants: QuerySet[Grant], periods: Periods) -> tuple[int, ...]:
    """At the end of each period, those that were granted and had not ended. Three queries."""
    first = periods.starts[0]
    before = grants.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=first), granted_at__lt=first).count()
    changes = zip(
        count_by_period(grants, "granted_at", periods),
        count_by_period(grants, "ended_at", periods),
        strict=True,
    )
    return tuple(accumulate((granted - ended for granted, ended in changes), initial=before))[1:]
