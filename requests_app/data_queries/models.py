"""Rows of queries, their results, and profiles of tables."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.accounts import Principal
from identity.people.models import Person
from identity.service_tokens import ServiceToken
from kernel.engine_columns import EngineColumns
from requests_app.data_queries.states import OPEN_QUERY_STATES, QueryProblem, QueryState


class DataQuery(EngineColumns):
    """A query of one table, requested as a row and run by a worker as `principal`; see `workers.data_queries`.

    `database` is the table's in the account of the principal. `filters` are `Filter.to_json`; they are erased with the rows.
    `error` is AWS's text. The rows of the result can be read until `expires_at`, by the caller alone.
    """

    class Kind(models.TextChoices):
        SAMPLE = "sample", _("sample rows")
        QUERY = "query", _("query of the data API")
        PROFILE = "profile", _("profile")

    ENGINE_COLUMNS = frozenset(
        {"state", "execution", "started_at", "finished_at", "expires_at", "row_count", "scanned_bytes", "problem", "error"}
    )  # fmt: skip

    kind = models.CharField(max_length=10, choices=Kind)
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="data_queries")
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="data_queries"
    )
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="data_queries")
    requested_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    token = models.ForeignKey(
        ServiceToken, null=True, blank=True, on_delete=models.PROTECT, related_name="data_queries"
    )
    requested_at = models.DateTimeField()
    database = models.CharField(max_length=255)
    workgroup = models.CharField(max_length=128)
    columns = ArrayField(models.CharField(max_length=255))
    filters = models.JSONField(default=list, blank=True)
    max_rows = models.PositiveIntegerField()
    cancelled_at = models.DateTimeField(null=True, blank=True, help_text=_("when its caller cancelled it"))

    state = models.CharField(
        max_length=10, choices=QueryState, default=QueryState.WAITING, db_default=QueryState.WAITING
    )
    execution = models.CharField(
        max_length=128, blank=True, default="", db_default="", help_text="Query id in Athena."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    row_count = models.PositiveIntegerField(null=True, blank=True)
    scanned_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=14, choices=QueryProblem, blank=True, default="", db_default="")
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "data queries"
        indexes = [
            models.Index(fields=["requested_by", "table", "-id"], name="data_query_of_person"),
            models.Index(fields=["id"], condition=Q(state__in=OPEN_QUERY_STATES), name="data_query_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(requested_by__isnull=True, token__isnull=False)
                | Q(requested_by__isnull=False, token__isnull=True),
                name="data_query_one_caller",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_QUERY_STATES, finished_at=None)
                | (~Q(state__in=OPEN_QUERY_STATES) & Q(finished_at__isnull=False)),
                name="data_query_finished_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state=QueryState.FAILED) & ~Q(problem="")
                | (~Q(state=QueryState.FAILED) & Q(problem="")),
                name="data_query_failed_says_why",
            ),
            models.UniqueConstraint(
                fields=["table", "requested_by"],
                condition=Q(kind="sample", state__in=OPEN_QUERY_STATES),
                name="data_query_one_open_sample",
            ),
            models.UniqueConstraint(
                fields=["table"],
                condition=Q(kind="profile", state__in=OPEN_QUERY_STATES),
                name="data_query_one_open_profile",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.table}"

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"data_query:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_QUERY_STATES and self.cancelled_at is None

    def has_rows(self, now: datetime) -> bool:
        """Whether its rows can still be read."""
        is_kept = self.expires_at is not None and self.expires_at > now
        return self.state == QueryState.SUCCEEDED and is_kept and self.cancelled_at is None


class ResultPage(models.Model):
    """Rows of a result, as text, in the order of the query's columns. Erased when the query expires.

    The table is unlogged in PostgreSQL, so that the rows reach neither the write-ahead log nor what is restored from it;
    they are lost when the database crashes.
    """

    query = models.ForeignKey(DataQuery, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["query", "number"], name="result_page_once")]

    def __str__(self) -> str:
        return f"page {self.number} of {self.query}"


class TableProfile(models.Model):
    """What the last profile query counted, by column: {rows, nulls, distinct, least, greatest}. Of sensitive columns nothing."""

    table = models.OneToOneField(Table, on_delete=models.PROTECT, related_name="profile")
    columns = models.JSONField()
    row_count = models.PositiveBigIntegerField(help_text="Rows that were looked at.")
    measured_at = models.DateTimeField()
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"profile of {self.table}"
