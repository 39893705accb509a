"""Some rows of a query that joins many tables.

PostgreSQL takes up to twenty times as long to plan a statement with LIMIT over many joins as without: it then keeps paths that
start fast beside those that end fast, for each set of tables.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def limit_rows(rows: QuerySet[Row], stop: int, *, start: int = 0) -> QuerySet[Row]:
    """`rows[start:stop]`; keys are limited before related rows are joined, except of distinct rows. One query."""
    if rows.query.distinct or not rows.query.select_related:
        return rows[start:stop]
    keys = rows.select_related(None).prefetch_related(None).values("pk")[start:stop]
    return rows.filter(pk__in=keys)


def get_first_row(rows: QuerySet[Row]) -> Row | None:
    """`rows.first()` for a filter that at most one row matches, without LIMIT."""
    return next(iter(rows), None)
