"""Opens and ends episodes in which a measurement is outside its band. The owner is told once an episode, and only of those that
last when a history of results has come in.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from audit.actions import record_event
from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.may import list_product_owner_ids
from catalog.products.models import DataProduct
from catalog.quality.models import QualityAnomaly, QualityMeasure, QualityResult
from catalog.quality.states import HISTORY_AGE, SETTLE_TIME, MeasureKind
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock

MIN_VALUES, LAST_VALUES = 7, 30
"""Fewer earlier values give no band; more than the last ones are not looked at."""
DEVIATIONS = 6.0
"""Nearly the fourfold standard deviation of a normal distribution."""
RELATIVE_MARGIN = 0.02
"""Of the median: the least half width, so that a series without any deviation has a band."""
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
    """Those that last and of which no event tells."""
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
    """Of the values before the one to be judged, oldest first; None of fewer than `MIN_VALUES`."""
    last = values[-LAST_VALUES:]
    if len(last) < MIN_VALUES:
        return None
    middle = median(last)
    deviation = median(abs(value - middle) for value in last)
    margin = SHARE_MARGIN if kind is MeasureKind.NULLS else RELATIVE_MARGIN * middle
    half = max(DEVIATIONS * deviation, margin)
    most = 1.0 if kind is MeasureKind.NULLS else float("inf")
    return Band(max(middle - half, 0.0), min(middle + half, most))
