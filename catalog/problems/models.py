"""Problems with data products."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from catalog.mirror.models import Table
from catalog.problems.states import OPEN_PROBLEM_STATES, ProblemState
from catalog.products.models import DataProduct
from identity.people.models import Person

MAX_TITLE_LENGTH, MAX_COLUMN_LENGTH = 120, 255


class Problem(models.Model):
    """Something that is wrong with a product, with one of its tables, or with a column. `answer_due_at` follows from what the
    product promised when it was reported. A resolved problem never changes.
    """

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="problems")
    table = models.ForeignKey(Table, null=True, blank=True, on_delete=models.PROTECT, related_name="problems")
    column = models.CharField(max_length=MAX_COLUMN_LENGTH, blank=True)
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=ProblemState, default=ProblemState.OPEN)
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    answer_due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledgement = models.TextField(blank=True)
    expected_on = models.DateField(null=True, blank=True, help_text="When it is expected to be resolved.")
    resolved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(column="") | Q(table__isnull=False), name="problem_column_of_a_table"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="problem_has_a_title"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="problem_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="problem_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=ProblemState.OPEN, acknowledged_at=None, resolved_at=None)
                | Q(state=ProblemState.ACKNOWLEDGED, acknowledged_at__isnull=False, resolved_at=None)
                | Q(state=ProblemState.RESOLVED, resolved_at__isnull=False),
                name="problem_state_says_what_happened",
            ),
            models.CheckConstraint(
                condition=Q(answer_due_at=None) | Q(answer_due_at__gt=F("reported_at")),
                name="problem_answer_due_later",
            ),
            models.UniqueConstraint(
                fields=["product", "table", "column", "title", "reported_by"],
                condition=Q(state__in=OPEN_PROBLEM_STATES),
                nulls_distinct=False,
                name="problem_reported_once",
            ),
        ]
        indexes = [
            models.Index(fields=["product"], condition=Q(state__in=OPEN_PROBLEM_STATES), name="problem_open")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"problem:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_PROBLEM_STATES

    @property
    def answered_at(self) -> datetime | None:
        return self.acknowledged_at or self.resolved_at

    @property
    def place(self) -> str:
        """The table, or the column of it; empty for the product as a whole."""
        name = self.table.name if self.table else ""
        return f"{name}.{self.column}" if self.column else name
