"""Marks that change when a statement alters what searches, inboxes, counts of decisions or pages of data products show. Same marks: cached results are valid.

The database makes them by itself, in the same commit (`change_versions.sql` in `catalog/migrations/sql`, and for
what waits in `requests_app/migrations/sql`). A row that is added waits for no other writer.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from kernel.sql import prepared_cursor

MAX_MARKS = 100
"""Above this number, marks are merged into one for each subject."""

_VERSION_SQL = "(SELECT bit_xor(mark) FROM catalog_alteration WHERE subject = '{subject}')"
CATALOG_VERSION_SQL, WAITING_VERSION_SQL = (
    _VERSION_SQL.format(subject="catalog"),
    _VERSION_SQL.format(subject="waiting"),
)
CURRENT_PERIOD_SQL = "date_bin('10 minutes', meshmarket_now(), timestamptz 'epoch')"
_CATALOG_VERSION_QUERY = f"SELECT {CATALOG_VERSION_SQL}, {CURRENT_PERIOD_SQL}"
PAGE_VERSION_SQL = "(SELECT bit_xor(mark) FROM catalog_alteration), date_trunc('minute', meshmarket_now())"
ARE_MARKS_MANY = f"(SELECT count(*) FROM catalog_alteration) > {MAX_MARKS}"  # noqa: S608
_MERGE_MARKS = f"""
WITH gone AS (
  DELETE FROM catalog_alteration WHERE {ARE_MARKS_MANY} RETURNING subject, mark
)
INSERT INTO catalog_alteration (subject, mark) SELECT subject, bit_xor(mark) FROM gone GROUP BY subject"""  # noqa: S608


class Alteration(models.Model):
    class Subject(models.TextChoices):
        CATALOG = "catalog", _("what searches show")
        WAITING = "waiting", _("what waits for a decision")
        PAGE = "page", _("what else pages of data products show")

    subject = models.CharField(max_length=10, choices=Subject, db_default=Subject.CATALOG)
    mark = models.BigIntegerField(help_text="drawn by lot")

    def __str__(self) -> str:
        return f"{self.mark}"


class CatalogVersion(NamedTuple):
    """The version of all that searches show. `version` is all marks as one number, which each mark changes once it is
    committed; `period_start` is when the ten minutes of the database's clock began: ages count from now.
    """

    version: int | None
    period_start: datetime


class PageVersion(NamedTuple):
    """The version of all that a product's page shows, and of what waits for a person besides requests: the marks of
    every subject as one number, and the current minute of the database's clock.
    """

    version: int | None
    minute: datetime


def get_catalog_version() -> CatalogVersion:
    """One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_CATALOG_VERSION_QUERY)
        return CatalogVersion(*cursor.fetchone())


def merge_change_marks() -> None:
    """Merge many marks into one for each subject. Versions do not change."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGE_MARKS)
