"""Runs data queries as the worker."""

from requests_app.data_queries.models import DataQuery
from tests.database import as_role
from workers.data_queries import advance_query


def run_query(query: DataQuery, *, passes: int = 30) -> DataQuery:
    with as_role("meshmarket_worker"):
        for _ in range(passes):
            if advance_query(query.pk):
                break
    query.refresh_from_db()
    return query
