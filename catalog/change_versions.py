"""Marks that change when a statement alters what searches or inboxes show. Same marks: cached results are valid.

The database makes them by itself, in the same commit (`change_versions.sql` in `catalog/migrations/sql`, and for
what waits in `requests_app/migrations/sql`). A row that is added waits for no other writer.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection, models

from catalog.prepared_statements import prepared

MANY = 100
"""So many are folded into one."""

_MARKS = "(SELECT bit_xor(mark) FROM catalog_alteration WHERE subject = '{subject}')"
MARKS, MARKS_OF_WAITING = _MARKS.format(subject="catalog"), _MARKS.format(subject="waiting")
ABOUT_NOW = "date_bin('10 minutes', meshmarket_now(), timestamptz 'epoch')"
_STATE = f"SELECT {MARKS}, {ABOUT_NOW}"
_FOLD = """
WITH gone AS (
  DELETE FROM catalog_alteration WHERE (SELECT count(*) FROM catalog_alteration) > %s RETURNING subject, mark
)
INSERT INTO catalog_alteration (subject, mark) SELECT subject, bit_xor(mark) FROM gone GROUP BY subject"""


class Alteration(models.Model):
    class Subject(models.TextChoices):
        CATALOG = "catalog", "what searches show"
        WAITING = "waiting", "what waits for a decision"

    subject = models.CharField(max_length=10, choices=Subject, db_default=Subject.CATALOG)
    mark = models.BigIntegerField(help_text="drawn by lot")

    def __str__(self) -> str:
        return f"{self.mark}"


class State(NamedTuple):
    """Of all that searches show. `marks` are all of them as one number, which any other of them alters, whenever it is
    committed; `since` is when the ten minutes of the database's clock began, as ages are counted from now.
    """

    marks: int | None
    since: datetime


def state_of_catalog() -> State:
    """One query."""
    with prepared() as cursor:
        cursor.execute(_STATE)
        return State(*cursor.fetchone())


def fold_alterations() -> None:
    """Put many marks into one for each subject, by which its state stays what it is."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [MANY])
