"""Erases rows that were read, and old queries."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from requests_app.data_queries.models import DataQuery, ResultPage
from requests_app.data_queries.progress import erase_results
from requests_app.data_queries.states import OPEN_QUERY_STATES

BATCH_SIZE = 500


def erase_expired_rows(*, now: datetime) -> int:
    """Rows of queries that expired or were cancelled; returns of how many queries."""
    is_over = Q(query__expires_at__lte=now) | Q(query__cancelled_at__isnull=False)
    ids = ResultPage.objects.filter(is_over).values("query").distinct()[:BATCH_SIZE]
    queries = list(DataQuery.objects.filter(pk__in=list(ids.values_list("query", flat=True))))
    erase_results(queries)
    return len(queries)


def delete_old_queries(*, now: datetime) -> int:
    """Deletes queries that ended long ago; the audit record keeps who read what."""
    limit = now - timedelta(days=settings.KEEP_QUERIES_DAYS)
    old = DataQuery.objects.exclude(state__in=OPEN_QUERY_STATES).filter(finished_at__lt=limit)
    ids = list(old.filter(pages=None).values_list("pk", flat=True)[:BATCH_SIZE])
    return int(DataQuery.objects.filter(pk__in=ids).delete()[0])
