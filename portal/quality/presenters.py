"""Quality as sections and pages show it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from catalog.quality.models import (
    NOT_PASSED,
    MeasureKind,
    QualityAnomaly,
    QualityDimension,
    QualityMeasure,
    QualityResult,
    QualityRuleset,
    QualitySource,
    RuleOutcome,
    Score,
)
from catalog.quality.queries import (
    list_open_anomalies,
    list_rulesets,
    read_trend,
)
from catalog.quality.results import RuleFact
from catalog.quality.writer import compute_current_score, judge_promise
from portal.charts.chart import Chart, ChartKind, ChartTone, Series
from portal.charts.scale import ChartUnit, format_value
from requests_app.display_states.vocabulary import CheckMark

SHORT_TREND, LONG_TREND = 30, 90
"""Days."""
MAX_FAILURES = 5
MARKS = {
    RuleOutcome.PASSED: CheckMark.YES,
    RuleOutcome.FAILED: CheckMark.FAILED,
    RuleOutcome.WARNING: CheckMark.ATTENTION,
    RuleOutcome.ERROR: CheckMark.ATTENTION,
    RuleOutcome.SKIPPED: CheckMark.NO,
}


def format_percent(value: float | Decimal | None) -> str:
    return format_value(None if value is None else float(value), ChartUnit.PERCENT)


@dataclass(frozen=True)
class RuleRow:
    """A rule in a result."""

    fact: RuleFact
    result: QualityResult

    @property
    def mark(self) -> CheckMark:
        return MARKS[self.fact.outcome]

    @property
    def word(self) -> str:
        return str(self.fact.outcome.label)

    @property
    def dimension(self) -> str:
        return str(self.fact.dimension.label)

    @property
    def is_failure(self) -> bool:
        return self.fact.outcome in NOT_PASSED


@dataclass(frozen=True)
class ResultRow:
    """`mark` says whether all rules passed."""

    result: QualityResult

    @property
    def score(self) -> str:
        return format_percent(self.result.score)

    @property
    def mark(self) -> CheckMark:
        return CheckMark.YES if self.result.failed == 0 else CheckMark.FAILED

    @property
    def word(self) -> str:
        words = {"passed": self.result.passed, "evaluated": self.result.evaluated}
        return _("%(passed)s of %(evaluated)s rules passed") % words

    @property
    def source(self) -> str:
        return str(QualitySource(self.result.ruleset.source).label)


@dataclass(frozen=True)
class PromiseCheck:
    """A promised share of passed rules, and what was measured of it. `keeps` is None while that is not known."""

    promised: str
    score: Score | None
    keeps: bool | None

    @property
    def mark(self) -> CheckMark | None:
        return mark_kept(self.keeps)

    @property
    def promise_word(self) -> str:
        return _("promised: at least %(promise)s") % {"promise": self.promised}


def mark_kept(keeps: bool | None) -> CheckMark | None:  # noqa: FBT001
    if keeps is None:
        return None
    return CheckMark.YES if keeps else CheckMark.FAILED


def describe_kept(keeps: bool | None) -> str:  # noqa: FBT001
    return {None: "", True: _("kept"), False: _("broken")}[keeps]


@dataclass(frozen=True)
class DimensionRow:
    """`promise`: what the product promises of this dimension."""

    label: str
    passed: int
    evaluated: int
    promise: PromiseCheck | None = None

    @property
    def percent(self) -> str:
        return format_percent(Score(self.passed, self.evaluated).percent)


@dataclass(frozen=True)
class AnomalyRow:
    """`became_usual`: it ended because the values at its new level became the usual ones, not by going back."""

    anomaly: QualityAnomaly
    became_usual: bool = False

    @property
    def text(self) -> str:
        one = self.anomaly
        words = {
            "what": str(MeasureKind(one.kind).label),
            "value": format_measure(one.value, one.kind),
            "low": format_measure(one.low, one.kind),
            "high": format_measure(one.high, one.kind),
        }
        return _("%(what)s: %(value)s, expected %(low)s to %(high)s") % words

    @property
    def source(self) -> str:
        return str(QualitySource(self.anomaly.source).label)


@dataclass(frozen=True)
class QualityView:
    """`promised` is empty and `completeness` None without such a promise. `failures` are the first of the rules that did not pass
    in the latest results.
    """

    score: Score | None
    promised: str
    keeps: bool | None
    results: tuple[ResultRow, ...]
    rules: tuple[RuleRow, ...]
    anomalies: tuple[AnomalyRow, ...]
    chart: Chart | None
    completeness: PromiseCheck | None = None

    @property
    def percent(self) -> str:
        return format_percent(self.score.percent if self.score else None)

    @property
    def mark(self) -> CheckMark | None:
        return mark_kept(self.keeps)

    @property
    def promise_word(self) -> str:
        if not self.promised:
            return _("nothing promised")
        return _("promised: at least %(promise)s") % {"promise": self.promised}

    @property
    def counted(self) -> str:
        if self.score is None:
            return ""
        words = {"passed": self.score.passed, "evaluated": self.score.evaluated}
        return _("%(passed)s of %(evaluated)s rules passed") % words

    @property
    def sources(self) -> str:
        return ", ".join(dict.fromkeys(row.source for row in self.results))

    @property
    def all_failures(self) -> list[RuleRow]:
        rows = [row for row in self.rules if row.is_failure]
        return sorted(rows, key=lambda row: row.result.evaluated_at, reverse=True)

    @property
    def failures(self) -> list[RuleRow]:
        return self.all_failures[:MAX_FAILURES]

    @property
    def more_failures(self) -> int:
        return max(0, len(self.all_failures) - MAX_FAILURES)

    @property
    def dimensions(self) -> list[DimensionRow]:
        """In a fixed order, without those that have no rule."""
        counts: dict[QualityDimension, list[bool]] = defaultdict(list)
        for row in self.rules:
            if row.fact.outcome is not RuleOutcome.SKIPPED:
                counts[row.fact.dimension].append(row.fact.outcome is RuleOutcome.PASSED)
        return [
            DimensionRow(
                str(one.label),
                sum(counts[one]),
                len(counts[one]),
                self.completeness if one is QualityDimension.COMPLETENESS else None,
            )
            for one in QualityDimension
            if one in counts
        ]

    def filter_column(self, column: str) -> list[RuleRow]:
        return [row for row in self.rules if row.fact.column == column.lower()]


def build_quality_view(
    tables: Collection[int],
    now: datetime,
    *,
    promised: Decimal | None = None,
    promised_completeness: Decimal | None = None,
    days: int = SHORT_TREND,
    shows_messages: bool = False,
) -> QualityView:
    """Takes tables that the person may see. Three queries, one without results."""
    rulesets = list_rulesets(tables)
    score = compute_current_score(rulesets)
    anomalies = list_open_anomalies(tables) if rulesets else ()
    return QualityView(
        score=score,
        promised=format_percent(promised) if promised is not None else "",
        keeps=judge_promise(rulesets, promised, now),
        results=tuple(ResultRow(latest_result) for latest_result in list_latest_results(rulesets)),
        rules=tuple(
            row
            for latest_result in list_latest_results(rulesets)
            for row in build_rule_rows(latest_result, shows_messages=shows_messages)
        ),
        anomalies=tuple(AnomalyRow(anomaly) for anomaly in anomalies),
        chart=build_trend_chart(read_trend(tables, days, now), promised) if rulesets else None,
        completeness=_judge_completeness(rulesets, promised_completeness, now),
    )


def _judge_completeness(
    rulesets: Collection[QualityRuleset], promised: Decimal | None, now: datetime
) -> PromiseCheck | None:
    if promised is None:
        return None
    dimension = QualityDimension.COMPLETENESS
    return PromiseCheck(
        format_percent(promised),
        compute_current_score(rulesets, dimension),
        judge_promise(rulesets, promised, now, dimension),
    )


def build_anomaly_rows(anomalies: Iterable[QualityAnomaly]) -> list[AnomalyRow]:
    """Two queries, one if none has ended."""
    rows = list(anomalies)
    ended = [row for row in rows if row.ended_at is not None]
    measures = (
        QualityMeasure.objects.filter(
            table__in={one.table_id for one in ended}, measured_at__in={one.ended_at for one in ended}
        )
        if ended
        else ()
    )
    values = {
        (measure.table_id, measure.column, measure.kind, measure.measured_at): measure.value
        for measure in measures
    }
    found = []
    for row in rows:
        value = values.get((row.table_id, row.column, row.kind, row.ended_at)) if row.ended_at else None
        found.append(AnomalyRow(row, became_usual=value is not None and not row.low <= value <= row.high))
    return found


def list_latest_results(rulesets: Iterable[QualityRuleset]) -> list[QualityResult]:
    """With their rulesets."""
    found = []
    for ruleset in rulesets:
        if ruleset.latest is not None:
            ruleset.latest.ruleset = ruleset
            found.append(ruleset.latest)
    return found


def build_rule_rows(result: QualityResult, *, shows_messages: bool) -> list[RuleRow]:
    facts = [RuleFact.from_json(data) for data in result.rules]
    if not shows_messages:
        facts = [replace(fact, message="") for fact in facts]
    return [RuleRow(fact, result) for fact in facts]


def build_trend_chart(
    trend: Sequence[tuple[date, Score | None]], promised: Decimal | None = None
) -> Chart | None:
    """None for fewer than two days with a score."""
    known = [(day, score) for day, score in trend if score is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line
        return None
    first = next(number for number, (_day, score) in enumerate(trend) if score is not None)
    shown = trend[first:]
    values = tuple(float(score.percent) if score else None for _day, score in shown)
    series = [Series(_("Score"), values)]
    if promised is not None:
        series.append(Series(_("promised"), (float(promised),) * len(shown), ChartTone.NEUTRAL))
    latest = format_percent(known[-1][1].percent)
    return Chart(
        key="quality-trend",
        title=_("Score by day"),
        summary=_("Score at the end of each of the last %(n)s days. Today it is %(latest)s.")
        % {"n": len(shown), "latest": latest},
        axis=_("Day"),
        periods=tuple(date_format(day, "j M") for day, _score in shown),
        series=tuple(series),
        kind=ChartKind.LINE,
        unit=ChartUnit.PERCENT,
    )


def format_measure(value: float, kind: str) -> str:
    if kind == MeasureKind.NULLS:
        return format_percent(round(100 * value, 1))
    return number_format(value, decimal_pos=0, force_grouping=True)


def build_measure_chart(measures: Sequence[QualityMeasure], key: str) -> Chart | None:
    """Of one series, oldest first; None for fewer than two."""
    if len(measures) < 2:  # noqa: PLR2004 - a line
        return None
    kind = MeasureKind(measures[0].kind)
    is_share = kind is MeasureKind.NULLS
    values = tuple(100 * measure.value if is_share else measure.value for measure in measures)
    latest = format_measure(measures[-1].value, kind)
    title = _("Number of rows") if kind is MeasureKind.ROWS else str(kind.label).capitalize()
    return Chart(
        key=key,
        title=title,
        summary=_("The last %(n)s measurements. The latest is %(latest)s, by %(source)s.")
        % {"n": len(measures), "latest": latest, "source": QualitySource(measures[-1].source).label},
        axis=_("Measured"),
        periods=tuple(date_format(measure.measured_at, "j M, H:i") for measure in measures),
        series=(Series(title, values),),
        kind=ChartKind.LINE,
        unit=ChartUnit.PERCENT if is_share else ChartUnit.COUNT,
    )
