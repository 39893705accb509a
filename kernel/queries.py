"""Queries that fetch some rows, the start of long texts or a result once, and the insert of a row of which one may be open.

PostgreSQL takes up to twenty times as long to plan a statement with LIMIT over many joins as without: it then keeps paths that
start fast beside those that end fast, for each set of tables.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from django.db import IntegrityError, models, transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Left

from kernel.errors import RefusedError

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


MAX_LENGTH = 2000
"""Characters; about what Glue takes for a description. A column's type may have 131,072."""


def truncate_fields(rows: QuerySet[Row], *fields: str) -> list[Row]:
    """The rows, to be shown and never saved: of these text fields the first 2,000 characters, then an ellipsis."""
    starts = {f"{field}_start": Left(field, MAX_LENGTH + 1) for field in fields}
    found = list(rows.defer(*fields).annotate(**starts))
    for row in found:
        for field in fields:
            setattr(row, field, truncate(getattr(row, f"{field}_start")))
    return found


def truncate(start: str) -> str:
    """The text with an ellipsis where it is longer than the limit."""
    return start if len(start) <= MAX_LENGTH else f"{start[:MAX_LENGTH]}…"


Result = TypeVar("Result")


class QueryCache:
    """Valid only while nothing writes what was read: for the previews of one request."""

    def __init__(self) -> None:
        self._results: dict[Hashable, object] = {}

    def get_or_read(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """The cached result of `read`. The key must name everything that the result depends on."""
        if key not in self._results:
            self._results[key] = read()
        return cast("Result", self._results[key])


def insert_open_row(row: models.Model, open_rows: models.QuerySet[Any], refusal: RefusedError) -> None:
    """Insert the row, or raise `refusal` if there is one of `open_rows`. A unique constraint must hold the same: of two that come at
    once, it refuses one. It is not relied upon alone, because PostgreSQL logs each violation as an error.
    """
    if open_rows.exists():
        raise refusal
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise refusal from error
