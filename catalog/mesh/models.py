"""Rows of the reports about the mesh, written by the worker. Each person is shown those of tables that they may see.

A person counts once a day. A text is kept as typed but for case and blanks. Texts with an `@` or a long number are not
kept at all, as they may name a person. What few people searched for is never shown.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.search.models import RecentSearch
from catalog.search.saved_searches import TYPING

MAX_SEARCH_LENGTH = 80


class SchemaComparison(models.Model):
    """When all schemas were compared last: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    finished_at = models.DateTimeField()
    table_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="schema_comparison_one_row")]

    def __str__(self) -> str:
        return f"{self.table_count} tables"


class SimilarTable(models.Model):
    """A table whose schema is similar to others': those of the same `group`. The number means nothing else."""

    table = models.OneToOneField(Table, on_delete=models.PROTECT, related_name="similar")
    group = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.table} in group {self.group}"


class JoinColumn(models.Model):
    """A column of a product's table by which others can be joined: those with the same `key`."""

    class Kind(models.TextChoices):
        TERM = "term", _("same term")
        NAME = "name", _("same rare name and type")

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="join_columns")
    column = models.CharField(max_length=255)
    kind = models.CharField(max_length=4, choices=Kind)
    key = models.CharField(
        max_length=300, db_index=True, help_text=_("a term's id, or the name and type of the column")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "column", "key"], name="catalog_join_column_once")
        ]

    def __str__(self) -> str:
        return f"{self.column} by {self.key}"


class SearchWithoutResult(models.Model):
    """A text for which a search found nothing, and for how many people on that day. It does not say who they are."""

    day = models.DateField()
    text = models.CharField(max_length=MAX_SEARCH_LENGTH)
    people = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "searches without result"
        constraints = [
            models.UniqueConstraint(fields=["day", "text"], name="catalog_search_without_result_once")
        ]

    def __str__(self) -> str:
        return f"search of {self.day}"


KEPT_FOR = timedelta(days=365)
SHOWN_FOR = timedelta(days=90)
MAX_TEXTS = 1000
"""Different texts of a day; further ones are not counted."""
MIN_PEOPLE, MIN_SEARCHES = 3, 5
"""Shown are texts of so many people on one day, or of so many searches, each of another person or another day."""
BATCH = 500
_PERSONAL = re.compile(r"@|\d{5}")
_COUNT = f"""
INSERT INTO catalog_searchwithoutresult AS known (day, text, people)
SELECT said.day, said.text, count(*) FROM unnest(%s::date[], %s::text[]) AS said(day, text)
 WHERE (SELECT count(*) FROM catalog_searchwithoutresult kept WHERE kept.day = said.day) < {MAX_TEXTS}
    OR EXISTS (SELECT FROM catalog_searchwithoutresult kept WHERE kept.day = said.day AND kept.text = said.text)
 GROUP BY said.day, said.text
ON CONFLICT (day, text) DO UPDATE SET people = known.people + excluded.people"""  # noqa: S608


def normalise_search(text: str) -> str:
    """Empty for what is not counted."""
    words = " ".join(text.lower().split())
    return "" if len(words) > MAX_SEARCH_LENGTH or _PERSONAL.search(words) else words


def count_searches_without_result(now: datetime) -> int:
    """Count those that nobody is typing any more; returns how many were looked at."""
    settled = now - timedelta(seconds=TYPING)
    with transaction.atomic():
        waiting = RecentSearch.objects.filter(found_nothing=True, created_at__lt=settled)
        rows = list(waiting.select_for_update(skip_locked=True).order_by("pk")[:BATCH])
        told = [(row.created_at.date(), words) for row in rows if (words := normalise_search(row.text))]
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [[day for day, _text in told], [text for _day, text in told]])
        RecentSearch.objects.filter(pk__in=[row.pk for row in rows]).update(found_nothing=False)
    return len(rows)


def list_searches_without_result(today: date) -> QuerySet[Any, Any]:
    """`text`, `searches`, `last_day` of what enough people searched for, most often first."""
    rows = SearchWithoutResult.objects.filter(day__gt=today - SHOWN_FOR)
    counted = rows.values("text").annotate(searches=Sum("people"), most=Max("people"), last_day=Max("day"))
    shown = counted.filter(Q(most__gte=MIN_PEOPLE) | Q(searches__gte=MIN_SEARCHES))
    return shown.order_by("-searches", "text")


def delete_old_searches(now: datetime) -> None:
    SearchWithoutResult.objects.filter(day__lt=(now - KEPT_FOR).date()).delete()
