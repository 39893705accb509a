"""Rows of quality: rulesets with their results, measurements of tables and columns, and what left its band."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.lineage.models import LineageDataset
from catalog.mirror.models import Table
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team

HISTORY_AGE = timedelta(days=1)
"""A result that comes later than this after its evaluation may be one of a history, of which newer ones follow."""
SETTLE_TIME = timedelta(minutes=15)
"""Without a newer result for so long, it is the last one of the history."""


class QualitySource(TextChoices):
    GLUE = "glue", _("Glue Data Quality")
    OPENLINEAGE = "openlineage", _("OpenLineage")
    DBT = "dbt", "dbt"
    GREAT_EXPECTATIONS = "great_expectations", "Great Expectations"
    SODA = "soda", "Soda"
    OWN = "own", _("sent by the API")


class RuleOutcome(TextChoices):
    """Skipped rules are not counted. A rule with a warning or an error was evaluated and did not pass."""

    PASSED = "passed", _("passed")
    FAILED = "failed", _("failed")
    WARNING = "warning", _("warning")
    ERROR = "error", _("error")
    SKIPPED = "skipped", _("not evaluated")


NOT_PASSED = (RuleOutcome.FAILED, RuleOutcome.WARNING, RuleOutcome.ERROR)


class QualityDimension(TextChoices):
    COMPLETENESS = "completeness", _("completeness")
    UNIQUENESS = "uniqueness", _("uniqueness")
    VALIDITY = "validity", _("validity")
    CONSISTENCY = "consistency", _("consistency")
    ACCURACY = "accuracy", _("accuracy")
    TIMELINESS = "timeliness", _("timeliness")
    VOLUME = "volume", _("volume")
    SCHEMA = "schema", _("schema")
    OTHER = "other", _("other")


class MeasureKind(TextChoices):
    """`NULLS` is a share between 0 and 1."""

    ROWS = "rows", _("number of rows")
    NULLS = "nulls", _("share of null values")
    DISTINCT = "distinct", _("number of distinct values")


_TENTH = Decimal("0.1")


def compute_score(passed: int, evaluated: int) -> Decimal:
    """Percent with one decimal, rounded down: 100 only if every rule passed."""
    return (Decimal(100 * passed) / Decimal(evaluated)).quantize(_TENTH, ROUND_DOWN)


@dataclass(frozen=True)
class Score:
    passed: int
    evaluated: int

    @property
    def percent(self) -> Decimal:
        return compute_score(self.passed, self.evaluated)

    @property
    def failed(self) -> int:
        return self.evaluated - self.passed

    def keeps(self, promised: Decimal) -> bool:
        """Compared exactly, not as it is shown."""
        return 100 * self.passed >= promised * self.evaluated


def add_scores(counts: Iterable[tuple[int, int]]) -> Score | None:
    """Add up (passed, evaluated) of rulesets; None without any."""
    rows = list(counts)
    return Score(sum(one for one, _ in rows), sum(other for _, other in rows)) if rows else None


@dataclass(frozen=True)
class DayCount:
    """The last result of a ruleset on a day."""

    ruleset: int
    day: date
    passed: int
    evaluated: int


def build_trend(counts: Sequence[DayCount], first: date, last: date) -> list[tuple[date, Score | None]]:
    """The score at the end of each day: the latest result per ruleset until then. None before the first."""
    by_day: dict[date, list[DayCount]] = {}
    for count in counts:
        by_day.setdefault(count.day, []).append(count)
    held: dict[int, tuple[int, int]] = {}
    for day in sorted(one for one in by_day if one < first):
        _hold(held, by_day[day])
    trend = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        _hold(held, by_day.get(day, ()))
        trend.append((day, add_scores(held.values())))
    return trend


def _hold(held: dict[int, tuple[int, int]], counts: Iterable[DayCount]) -> None:
    for count in counts:
        held[count.ruleset] = count.passed, count.evaluated


def group_scores(rows: Iterable[tuple[int, int, int]]) -> Mapping[int, Score]:
    """Add up (table, passed, evaluated), by table."""
    scores: dict[int, Score] = {}
    for table, passed, evaluated in rows:
        known = scores.get(table, Score(0, 0))
        scores[table] = Score(known.passed + passed, known.evaluated + evaluated)
    return scores


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


MAX_ROWS = 10_000
"""Rows of one pass, so that no transaction is long."""


def delete_old_quality(*, now: datetime) -> None:
    """After `QUALITY_DAYS`; rulesets without a result for twice as long, with their latest one."""
    limit = now - timedelta(days=settings.QUALITY_DAYS)
    is_latest = QualityRuleset.objects.filter(latest=OuterRef("pk"))
    old = QualityResult.objects.filter(evaluated_at__lt=limit).exclude(Exists(is_latest))
    QualityResult.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MAX_ROWS])).delete()
    _delete_rulesets(now - timedelta(days=2 * settings.QUALITY_DAYS))
    measures = QualityMeasure.objects.filter(measured_at__lt=limit).values_list("pk", flat=True)
    QualityMeasure.objects.filter(pk__in=list(measures[:MAX_ROWS])).delete()
    QualityAnomaly.objects.filter(ended_at__lt=limit).delete()


def _delete_rulesets(limit: datetime) -> None:
    """With their latest result, which is the only one left of each."""
    with transaction.atomic():
        old = QualityRuleset.objects.filter(latest__evaluated_at__lt=limit)
        newer_results = QualityResult.objects.filter(ruleset=OuterRef("pk"), evaluated_at__gte=limit)
        rows = list(old.exclude(Exists(newer_results)).select_for_update(of=("self",))[:MAX_ROWS])
        ids = [row.pk for row in rows]
        QualityRuleset.objects.filter(pk__in=ids).update(latest=None)
        QualityResult.objects.filter(ruleset__in=ids).delete()
        QualityRuleset.objects.filter(pk__in=ids).delete()
