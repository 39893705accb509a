"""Rows of quality: rulesets with their results, measurements of tables and columns, and what left its band."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.lineage.models import LineageDataset
from catalog.mirror.models import Table
from catalog.quality.scores import compute_score
from catalog.quality.states import MeasureKind, QualitySource
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team

MAX_NAME = 255


class QualityRuleset(models.Model):
    """Rules that are evaluated together on one table. `latest` is the result with the latest time, whichever came last.

    `dataset` names the table in lineage events; its table may be found later. `table` is empty as long as none of the
    team's is found.
    """

    table = models.ForeignKey(
        Table, null=True, blank=True, on_delete=models.PROTECT, related_name="quality_rulesets"
    )
    dataset = models.ForeignKey(
        LineageDataset, null=True, blank=True, on_delete=models.PROTECT, related_name="quality_rulesets"
    )
    source = models.CharField(max_length=20, choices=QualitySource)
    name = models.CharField(max_length=MAX_NAME)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=_("sent it")
    )
    latest = models.ForeignKey(
        "QualityResult", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "source", "name"], condition=Q(dataset=None), name="quality_ruleset_once"
            ),
            models.UniqueConstraint(
                fields=["dataset", "team", "name"],
                condition=Q(dataset__isnull=False),
                name="quality_ruleset_of_dataset_once",
            ),
            models.CheckConstraint(
                condition=Q(source=QualitySource.OPENLINEAGE, dataset__isnull=False, team__isnull=False)
                | (~Q(source=QualitySource.OPENLINEAGE) & Q(dataset=None, table__isnull=False)),
                name="quality_ruleset_of_table_or_dataset",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QualityResult(models.Model):
    """A ruleset as it was evaluated at one time.

    `rules` are dicts of `catalog.quality.results.RuleFact`: counts and shares, never values of rows.
    """

    ruleset = models.ForeignKey(QualityRuleset, on_delete=models.PROTECT, related_name="results")
    key = models.UUIDField(unique=True, help_text=_("digest of the source and its own id"))
    external_id = models.CharField(max_length=MAX_NAME)
    evaluated_at = models.DateTimeField()
    received_at = models.DateTimeField()
    passed = models.PositiveIntegerField()
    evaluated = models.PositiveIntegerField()
    rules = models.JSONField(default=list)
    tool_version = models.CharField(max_length=60, blank=True)
    sent_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(evaluated__gt=0, passed__lte=F("evaluated")), name="quality_result_counts"
            )
        ]
        indexes = [
            models.Index(fields=["ruleset", "-evaluated_at"], name="quality_result_newest"),
            models.Index(fields=["evaluated_at"], name="quality_result_age"),
            models.Index(fields=["external_id"], name="quality_result_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.ruleset} {self.evaluated_at:%Y-%m-%d %H:%M}"

    @property
    def score(self) -> Decimal:
        """Percent."""
        return compute_score(self.passed, self.evaluated)

    @property
    def failed(self) -> int:
        return self.evaluated - self.passed


class QualityMeasure(models.Model):
    """A number of rows, nulls or distinct values at one time. An empty `column` is the whole table."""

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="quality_measures")
    column = models.CharField(max_length=MAX_NAME, blank=True)
    kind = models.CharField(max_length=10, choices=MeasureKind)
    measured_at = models.DateTimeField()
    value = models.FloatField()
    source = models.CharField(max_length=20, choices=QualitySource)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "column", "kind", "measured_at"], name="quality_measure_once"
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0) & (~Q(kind=MeasureKind.NULLS) | Q(value__lte=1)),
                name="quality_measure_in_range",
            ),
        ]
        indexes = [models.Index(fields=["measured_at"], name="quality_measure_age")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.column or 'the table'}: {self.value}"


class QualityAnomaly(models.Model):
    """An episode in which a measurement is outside its band, from its first value outside to the first one inside."""

    SUBJECT = "quality_anomaly:"

    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="quality_anomalies")
    column = models.CharField(max_length=MAX_NAME, blank=True)
    kind = models.CharField(max_length=10, choices=MeasureKind)
    source = models.CharField(max_length=20, choices=QualitySource)
    started_at = models.DateTimeField()
    value = models.FloatField(help_text=_("the newest value outside the band"))
    low = models.FloatField()
    high = models.FloatField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "column", "kind"],
                condition=Q(ended_at=None),
                name="quality_anomaly_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="quality_anomaly_ends_later",
            ),
            models.CheckConstraint(condition=Q(low__lte=F("high")), name="quality_anomaly_has_a_band"),
        ]
        indexes = [models.Index(fields=["ended_at"], name="quality_anomaly_age")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.column or 'the table'}"

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"{self.SUBJECT}{self.pk}"


class QualityReading(models.Model):
    """How far the results of Glue Data Quality in a catalog's account were read. Nothing before `position` is missing."""

    catalog = models.OneToOneField(ConnectedCatalog, on_delete=models.PROTECT, related_name="quality_reading")
    position = models.DateTimeField()
    looked_at = models.DateTimeField()
    trouble = models.TextField(
        blank=True, help_text=_("Why the results could not be read; empty if they could.")
    )

    def __str__(self) -> str:
        return f"reading of quality results of {self.catalog}"
