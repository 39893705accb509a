"""Truncates long text in the query, so that lists do not load all of it."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Left

MAX_LENGTH = 2000
"""Characters; about what Glue takes for a description. A column's type may have 131,072."""

Row = TypeVar("Row", bound=Model)


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
