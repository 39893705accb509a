"""Rows of freshness: the last answer of each table, and a row for each day of a product."""

from django.db import models
from django.db.models import Q

from catalog.freshness.states import ChangeTime, FreshnessSource, FreshnessState
from catalog.mirror.models import Table
from catalog.products.models import DataProduct

MAX_TROUBLE_LENGTH = 300


class TableFreshness(models.Model):
    """When the data of a table last changed, as read last. `times` are all answers, by source."""

    table = models.OneToOneField(Table, on_delete=models.PROTECT, related_name="freshness")
    changed_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=20, choices=FreshnessSource, blank=True)
    may_be_newer = models.BooleanField(default=False, help_text="Not everything could be looked at.")
    times = models.JSONField(default=dict)
    trouble = models.CharField(
        max_length=MAX_TROUBLE_LENGTH, blank=True, help_text="What AWS refused, in its words."
    )
    read_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "freshness of tables"
        constraints = [
            models.CheckConstraint(
                condition=Q(changed_at=None, source="") | (Q(changed_at__isnull=False) & ~Q(source="")),
                name="table_freshness_has_a_source",
            )
        ]
        indexes = [models.Index(fields=["read_at"], name="table_freshness_read_at")]

    def __str__(self) -> str:
        return f"freshness of {self.table}"

    @property
    def change_time(self) -> ChangeTime | None:
        if self.changed_at is None:
            return None
        return ChangeTime(FreshnessSource(self.source), self.changed_at, self.may_be_newer)


class FreshnessDay(models.Model):
    """The worst state of a product on a day (UTC), and the greatest age of its oldest table that day."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="freshness_days")
    day = models.DateField()
    state = models.CharField(max_length=12, choices=FreshnessState)
    age_minutes = models.PositiveIntegerField(null=True, blank=True)
    promised_hours = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "day"], name="freshness_day_once"),
            models.CheckConstraint(
                condition=~Q(state__in=[FreshnessState.FRESH, FreshnessState.LATE])
                | Q(age_minutes__isnull=False, promised_hours__isnull=False),
                name="freshness_day_has_an_age",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.day}"
