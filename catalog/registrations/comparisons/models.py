"""Rows of comparisons."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from catalog.mirror.models import Table
from catalog.registrations.comparisons.states import (
    OPEN_COMPARISON_STATES,
    ComparisonProblem,
    ComparisonState,
)
from catalog.registrations.models import Registration
from fulfilment.intents.models import Intent
from identity.people.models import Person
from kernel.engine_columns import EngineColumns


class RowComparison(EngineColumns):
    """A query of one file of a registered table, and of the same file as the source reads it, by the engineers' role; see
    `workers.registrations`. Rows stay in Athena, which gives counts and checksums.

    It is of the table as `table_intent` made it, and of the source at `source_digest`. `file` is the S3 URI of the file.
    `differing_columns` have other values, or are on one side only. Without `requested_by`, the engine requested it once the
    table was registered. `error` is AWS's text.
    """

    ENGINE_COLUMNS = frozenset(
        {
            "state", "source", "source_digest", "file", "execution", "started_at", "finished_at", "source_rows", "table_rows",
            "differing_columns", "problem", "error",
        }
    )  # fmt: skip

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="comparisons")
    table_intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()

    state = models.CharField(
        max_length=10,
        choices=ComparisonState,
        default=ComparisonState.WAITING,
        db_default=ComparisonState.WAITING,
    )
    source = models.ForeignKey(Table, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    file = models.TextField(blank=True, default="", db_default="")
    execution = models.CharField(
        max_length=128, blank=True, default="", db_default="", help_text="Query id in Athena."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    source_rows = models.PositiveBigIntegerField(null=True, blank=True)
    table_rows = models.PositiveBigIntegerField(null=True, blank=True)
    differing_columns = ArrayField(models.CharField(max_length=255), default=list, db_default=[])
    problem = models.CharField(
        max_length=14, choices=ComparisonProblem, blank=True, default="", db_default=""
    )
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["registration", "-id"], name="row_comparison_latest"),
            models.Index(
                fields=["id"], condition=Q(state__in=OPEN_COMPARISON_STATES), name="row_comparison_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(state__in=OPEN_COMPARISON_STATES),
                name="row_comparison_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_COMPARISON_STATES, finished_at=None)
                | (~Q(state__in=OPEN_COMPARISON_STATES) & Q(finished_at__isnull=False)),
                name="row_comparison_finished_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state=ComparisonState.UNKNOWN) & ~Q(problem="")
                | (~Q(state=ComparisonState.UNKNOWN) & Q(problem="")),
                name="row_comparison_unknown_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=ComparisonState.SAME)
                | Q(source_rows__isnull=False, table_rows__isnull=False, differing_columns=[])
                & Q(source_rows__gt=0, source_rows=F("table_rows")),
                name="row_comparison_same_is_proven",
            ),
        ]

    def __str__(self) -> str:
        return f"comparison of {self.registration}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_COMPARISON_STATES
