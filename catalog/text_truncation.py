"""Cuts long foreign text in the query, so that no list carries all of it."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Left

LONGEST_READ = 2000
"""Characters; about what Glue takes for a description. A column's type may have 131,072."""

Row = TypeVar("Row", bound=Model)


def shortened(rows: QuerySet[Row], *fields: str) -> list[Row]:
    """The rows, to be shown and never saved: of these text fields the first 2,000 characters, then an ellipsis."""
    starts = {f"{field}_start": Left(field, LONGEST_READ + 1) for field in fields}
    found = list(rows.defer(*fields).annotate(**starts))
    for row in found:
        for field in fields:
            setattr(row, field, shown(getattr(row, f"{field}_start")))
    return found


def shown(start: str) -> str:
    """Of a text of which one character more than the longest was read: that, or all of it."""
    return start if len(start) <= LONGEST_READ else f"{start[:LONGEST_READ]}…"
