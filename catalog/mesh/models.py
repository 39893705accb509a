"""Rows of the reports about the mesh, written by the worker. Each person is shown those of tables that they may see."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table

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
