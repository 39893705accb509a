"""Writes results, within the caller's transaction. Each is kept once; the latest by its time counts, whichever comes last."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from audit.actions import record_event
from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.may import list_product_owner_ids
from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, PromiseKind, record_promise_state
from catalog.quality.models import (
    HISTORY_AGE,
    NOT_PASSED,
    SETTLE_TIME,
    MeasureKind,
    QualityAnomaly,
    QualityDimension,
    QualityMeasure,
    QualityResult,
    QualityRuleset,
    Score,
    add_scores,
)
from catalog.quality.results import MAX_RULES, IncomingResult, MeasureFact, RuleFact, count_rules
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from lakeformation.values.messages import gettext_noop, message

MIN_VALUES, LAST_VALUES = 7, 30
"""Fewer earlier values give no band; more than the last ones are not looked at."""
DEVIATIONS = 6.0
"""Nearly the fourfold standard deviation of a normal distribution."""
RELATIVE_MARGIN = 0.02
"""A share of the median: the least half width, so that a series without any deviation has a band."""
SHARE_MARGIN = 0.005
"""The same of shares, absolute."""
ENGINE = "engine:quality"
VERB = "find_quality_anomaly"
TOLD_WITHIN = timedelta(days=7)
"""Nobody is told of a measurement whose newest value is older, as when a first reading goes back."""
WORDS = {
    MeasureKind.ROWS: "rows",
    MeasureKind.NULLS: "share of nulls",
    MeasureKind.DISTINCT: "distinct values",
}


@dataclass(frozen=True)
class Band:
    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def judge_series(table_id: int, column: str, kind: str, now: datetime, *, tells: bool) -> None:
    """By the newest value and those before it, so that late values do no harm. Within the caller's transaction. Without `tells`
    the caller reports what is unusual afterwards.
    """
    acquire_transaction_lock(AdvisoryLock.QUALITY_SERIES, table_id)
    rows = QualityMeasure.objects.filter(table=table_id, column=column, kind=kind).order_by("-measured_at")
    newest, *before = rows[: LAST_VALUES + 1]
    band = find_band([one.value for one in reversed(before)], MeasureKind(kind))
    open_rows = QualityAnomaly.objects.filter(table=table_id, column=column, kind=kind, ended_at=None)
    open_one = open_rows.first()
    if band is None:
        return
    if band.holds(newest.value):
        if open_one and open_one.started_at <= newest.measured_at:
            open_one.ended_at = newest.measured_at
            open_one.save(update_fields=["ended_at"])
        return
    if open_one:
        open_one.value = newest.value
        open_one.save(update_fields=["value"])
    elif not _is_known(newest):
        QualityAnomaly.objects.create(
            table_id=newest.table_id,
            column=newest.column,
            kind=newest.kind,
            source=newest.source,
            started_at=newest.measured_at,
            value=newest.value,
            low=band.low,
            high=band.high,
        )
    if tells:
        report_anomalies([table_id], now)


def report_anomalies(tables: Collection[int], now: datetime) -> None:
    """Record the open anomalies of these tables of which no event tells, but not while a history of the table's results is coming
    in. Within the caller's transaction.
    """
    for table_id in sorted(tables):
        acquire_transaction_lock(AdvisoryLock.QUALITY_SERIES, table_id)
        unreported = list_unreported_anomalies().filter(table=table_id)
        if unreported and not _is_history_coming_in(table_id, now):
            for anomaly in unreported:
                _record(anomaly, now)


def list_unreported_anomalies() -> QuerySet[QualityAnomaly]:
    """Anomalies that last and of which no event tells."""
    key = Cast("pk", CharField())
    rows = QualityAnomaly.objects.filter(ended_at=None).alias(
        name=Concat(Value(QualityAnomaly.SUBJECT), key, output_field=CharField())
    )
    return rows.exclude(Exists(Event.objects.filter(subject=OuterRef("name"), verb=VERB))).order_by("pk")


def _is_history_coming_in(table_id: int, now: datetime) -> bool:
    return QualityResult.objects.filter(
        ruleset__table=table_id,
        received_at__gt=now - SETTLE_TIME,
        evaluated_at__lt=F("received_at") - HISTORY_AGE,
    ).exists()


def _is_known(newest: QualityMeasure) -> bool:
    """Whether an ended episode has the value."""
    series = {"table": newest.table_id, "column": newest.column, "kind": newest.kind}
    return QualityAnomaly.objects.filter(**series, ended_at__gte=newest.measured_at).exists()


def _describe(value: float) -> str:
    """In English, as the texts of events are."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _record(anomaly: QualityAnomaly, now: datetime) -> None:
    table = Table.objects.select_related("database").get(pk=anomaly.table_id)
    newest = QualityMeasure.objects.filter(
        table=table, column=anomaly.column, kind=anomaly.kind, measured_at__gt=now - TOLD_WITHIN
    )
    if newest.exists():
        products = DataProduct.objects.filter(tables=table, retired_at=None)
        rows = products.select_related("domain", "owner").distinct()
        people = {pk for product in rows for pk in list_product_owner_ids(product)}
    else:
        people = set()
    data = {
        "what": f"{table.name}.{anomaly.column}" if anomaly.column else table.name,
        "table": table.pk,
        "column": anomaly.column,
        "kind": anomaly.kind,
        "value": anomaly.value,
        "low": anomaly.low,
        "high": anomaly.high,
        "reason": f"{_describe(anomaly.value)} {WORDS[MeasureKind(anomaly.kind)]},"
        f" usually {_describe(anomaly.low)} to {_describe(anomaly.high)}",
        "people": sorted(people),
    }
    record_event(verb=VERB, actor=ENGINE, subject=anomaly.subject, data=data, now=now)


def find_band(values: Sequence[float], kind: MeasureKind) -> Band | None:
    """The band of the values before the one to be judged, oldest first; None for fewer than `MIN_VALUES`."""
    last = values[-LAST_VALUES:]
    if len(last) < MIN_VALUES:
        return None
    middle = median(last)
    deviation = median(abs(value - middle) for value in last)
    margin = SHARE_MARGIN if kind is MeasureKind.NULLS else RELATIVE_MARGIN * middle
    half = max(DEVIATIONS * deviation, margin)
    most = 1.0 if kind is MeasureKind.NULLS else float("inf")
    return Band(max(middle - half, 0.0), min(middle + half, most))


MAX_CAUSES = 3
MAX_RESULTS = 500
"""The newest that are looked at to find since when a promise has been broken."""


def check_promises_of_tables(tables: Collection[int], now: datetime) -> None:
    """Check all products that have one of the tables, within the caller's transaction."""
    check_promises(set(DataProduct.objects.filter(tables__in=tables).values_list("pk", flat=True)), now)


def check_promises(products: Collection[int], now: datetime) -> None:
    """Check the products that promise a score, or whose breach is open. Nothing is said while the score is unknown."""
    broken = PromiseBreach.objects.filter(kind=PromiseKind.QUALITY, ended_at=None).values("product")
    promising = Q(quality_percent__isnull=False) | Q(pk__in=broken)
    rows = DataProduct.objects.filter(promising, pk__in=list(products), retired_at=None)
    for product in rows.order_by("pk"):
        acquire_transaction_lock(AdvisoryLock.QUALITY_PROMISE, product.pk)
        _check(product, now)


def compute_current_score(
    rulesets: Collection[QualityRuleset], dimension: QualityDimension | None = None
) -> Score | None:
    """The score of the latest results of the rulesets, or of their rules of one dimension; None without any."""
    latest = [row.latest for row in rulesets if row.latest]
    if dimension is None:
        return add_scores((one.passed, one.evaluated) for one in latest)
    rules = [RuleFact.from_json(data) for one in latest for data in one.rules]
    passed, evaluated = count_rules(rule for rule in rules if rule.dimension is dimension)
    return Score(passed, evaluated) if evaluated else None


def judge_promise(
    rulesets: Collection[QualityRuleset],
    promised: Decimal | None,
    now: datetime,
    dimension: QualityDimension | None = None,
) -> bool | None:
    """Whether the latest results keep the promised score, for pages and notifications alike; with `dimension`, whether its rules do.
    None without a promise or results, while a history is coming in, and for a dimension while rules of a result are not kept.
    """
    latest = [row.latest for row in rulesets if row.latest]
    score = compute_current_score(rulesets, dimension)
    if promised is None or score is None or any(_is_of_history(one, now) for one in latest):
        return None
    if dimension is not None and any(len(one.rules) >= MAX_RULES for one in latest):
        return None
    return score.keeps(promised)


def _is_of_history(result: QualityResult, now: datetime) -> bool:
    is_late = result.received_at - result.evaluated_at > HISTORY_AGE
    return is_late and now - result.received_at < SETTLE_TIME


SCORE_PROMISE = message(gettext_noop("a score of at least %(percent)s%%"))
SCORE = message(gettext_noop("a score of %(percent)s%%, %(passed)d of %(evaluated)d rules passed"))
NO_RESULTS = message(gettext_noop("no results"))


def _check(product: DataProduct, now: datetime) -> None:
    rulesets = QualityRuleset.objects.filter(
        table__product_tables__product=product, table__tombstoned_at=None, latest__isnull=False
    )
    rows = list(rulesets.select_related("latest", "table").order_by("table__name", "pk"))
    score = add_scores((row.latest.passed, row.latest.evaluated) for row in rows if row.latest)
    promised = product.quality_percent
    keeps = judge_promise(rows, promised, now)
    if keeps is None and promised is not None:
        return
    record_promise_state(
        product=product,
        kind=PromiseKind.QUALITY,
        broken=keeps is False,
        promised="" if promised is None else SCORE_PROMISE.format(percent=f"{promised.normalize():f}"),
        fact=_describe_fact(score),
        cause=", ".join(_list_causes(rows)),
        since=None if promised is None else _find_broken_since(rows, promised),
        now=now,
    )


def _find_broken_since(rulesets: Collection[QualityRuleset], promised: Decimal) -> datetime | None:
    """Since when the score has been below what is promised now: the time of the result that brought it there."""
    results = QualityResult.objects.filter(ruleset__in=[row.pk for row in rulesets]).order_by(
        "-evaluated_at", "-pk"
    )
    newest = list(results.values_list("ruleset", "passed", "evaluated", "evaluated_at")[:MAX_RESULTS])
    held: dict[int, tuple[int, int]] = {}
    since: datetime | None = None
    for ruleset, passed, evaluated, at in reversed(newest):
        held[ruleset] = passed, evaluated
        score = add_scores(held.values())
        since = None if score is None or score.keeps(promised) else since or at
    return since


def _describe_fact(score: Score | None) -> str:
    if score is None:
        return NO_RESULTS.format()
    percent = f"{score.percent.normalize():f}"
    return SCORE.format(percent=percent, passed=score.passed, evaluated=score.evaluated)


def _list_causes(rulesets: Collection[QualityRuleset]) -> list[str]:
    """Names of the first rules that did not pass."""
    found = []
    for row in rulesets:
        rules = [RuleFact.from_json(data) for data in row.latest.rules] if row.latest else []
        found += [f"{row.table}: {rule.name}" for rule in rules if rule.outcome in NOT_PASSED]
    return found[:MAX_CAUSES]


_SET_LATEST = """
UPDATE catalog_qualityruleset AS row SET latest_id = newest.id
FROM (SELECT DISTINCT ON (ruleset_id) ruleset_id, id FROM catalog_qualityresult WHERE ruleset_id = ANY(%s)
  ORDER BY ruleset_id, evaluated_at DESC, id DESC) AS newest
WHERE row.id = newest.ruleset_id AND row.latest_id IS DISTINCT FROM newest.id"""
RulesetKey = tuple[int | None, int | None, str, str]


@dataclass(frozen=True)
class StoredResult:
    """`is_new`: it was not there before."""

    result: QualityResult
    is_new: bool


def write_results(
    incoming: Sequence[IncomingResult], now: datetime, *, tells: bool = True
) -> list[StoredResult]:
    """In the order given. Those without an evaluated rule must have been left out. Without `tells` the caller compares scores with
    promises and reports unusual measurements afterwards.
    """
    rulesets = _load_rulesets(incoming)
    rows = [_build_result(result, rulesets[_ruleset_key(result)], now) for result in incoming]
    quality_results = QualityResult.objects.filter(key__in=[row.key for row in rows])
    known = set(quality_results.values_list("key", flat=True))
    QualityResult.objects.bulk_create(sorted(rows, key=lambda row: row.key), ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(_SET_LATEST, [sorted({row.ruleset_id for row in rows})])
    stored = {row.key: row for row in QualityResult.objects.filter(key__in=[row.key for row in rows])}
    new = [result for result in incoming if result.key not in known]
    measures = [_measure(one, one.table_id, fact) for one in new if one.table_id for fact in one.measures]
    observe(measures, now, tells=tells)
    if tells:
        check_promises_of_tables({one.table_id for one in new if one.table_id}, now)
    for row in rows:
        stored[row.key].ruleset = row.ruleset
    return [StoredResult(stored[row.key], row.key not in known) for row in rows]


def observe(measures: Sequence[QualityMeasure], now: datetime, *, tells: bool = True) -> None:
    """Store measurements, and judge each series by its newest value. Without `tells` the caller reports afterwards."""
    if not measures:
        return
    QualityMeasure.objects.bulk_create(
        sorted(measures, key=lambda one: (one.table_id, one.column, one.kind, one.measured_at)),
        ignore_conflicts=True,
    )
    for series in sorted({(measure.table_id, measure.column, measure.kind) for measure in measures}):
        judge_series(*series, now, tells=tells)


def _ruleset_key(one: IncomingResult) -> RulesetKey:
    if one.dataset_id is not None:
        return one.team_id, one.dataset_id, one.source.value, one.ruleset
    return one.table_id, None, one.source.value, one.ruleset


def _load_rulesets(incoming: Sequence[IncomingResult]) -> dict[RulesetKey, QualityRuleset]:
    wanted = {_ruleset_key(result): result for result in incoming}
    made = [
        QualityRuleset(
            table_id=one.table_id,
            dataset_id=one.dataset_id,
            source=one.source,
            name=one.ruleset,
            team_id=one.team_id,
        )
        for _key, one in sorted(wanted.items(), key=lambda item: [str(part) for part in item[0]])
    ]
    QualityRuleset.objects.bulk_create(made, ignore_conflicts=True)
    datasets = {result.dataset_id for result in incoming if result.dataset_id is not None}
    tables = {result.table_id for result in incoming if result.dataset_id is None}
    of_datasets = QualityRuleset.objects.filter(dataset__in=datasets)
    of_tables = QualityRuleset.objects.filter(table__in=tables, dataset=None)
    rulesets: dict[RulesetKey, QualityRuleset] = {}
    for row in [*of_datasets, *of_tables]:
        first = row.team_id if row.dataset_id is not None else row.table_id
        rulesets[first, row.dataset_id, row.source, row.name] = row
    return rulesets


def _build_result(one: IncomingResult, ruleset: QualityRuleset, now: datetime) -> QualityResult:
    passed, evaluated = one.counts
    return QualityResult(
        ruleset=ruleset,
        key=one.key,
        external_id=one.external_id,
        evaluated_at=one.evaluated_at,
        received_at=now,
        passed=passed,
        evaluated=evaluated,
        rules=[rule.to_json() for rule in one.rules[:MAX_RULES]],
        tool_version=one.tool_version,
        sent_by_id=one.person_id,
    )


def _measure(one: IncomingResult, table_id: int, fact: MeasureFact) -> QualityMeasure:
    return QualityMeasure(
        table_id=table_id,
        column=fact.column.lower(),
        kind=fact.kind,
        measured_at=one.evaluated_at,
        value=fact.value,
        source=one.source,
    )
