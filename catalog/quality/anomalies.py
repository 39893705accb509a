"""Opens and ends episodes in which a measurement is outside its band. The owner is told once an episode."""

from datetime import datetime, timedelta

from audit.actions import record_event
from audit.advisory_locks import AdvisoryLock, acquire_transaction_lock
from catalog.mirror.models import Table
from catalog.products.may import list_product_owner_ids
from catalog.products.models import DataProduct
from catalog.quality.bands import LAST_VALUES, Band, find_band
from catalog.quality.models import QualityAnomaly, QualityMeasure
from catalog.quality.states import MeasureKind

ENGINE = "engine:quality"
TOLD_WITHIN = timedelta(days=7)
"""Nobody is told of what is older, as when a first reading goes back."""
WORDS = {
    MeasureKind.ROWS: "rows",
    MeasureKind.NULLS: "share of nulls",
    MeasureKind.DISTINCT: "distinct values",
}


def judge_series(table_id: int, column: str, kind: str, now: datetime) -> None:
    """By the newest value and those before it, so that late values do no harm. Within the caller's transaction."""
    acquire_transaction_lock(AdvisoryLock.QUALITY_SERIES, table_id)
    rows = QualityMeasure.objects.filter(table=table_id, column=column, kind=kind).order_by("-measured_at")
    newest, *before = rows[: LAST_VALUES + 1]
    band = find_band([one.value for one in reversed(before)], MeasureKind(kind))
    open_one = _find_open(table_id, column, kind)
    if band is None:
        return
    if band.holds(newest.value):
        if open_one and open_one.started_at <= newest.measured_at:
            open_one.ended_at = newest.measured_at
            open_one.save(update_fields=["ended_at"])
    elif open_one:
        open_one.value = newest.value
        open_one.save(update_fields=["value"])
    else:
        _open(newest, band, now)


def _find_open(table_id: int, column: str, kind: str) -> QualityAnomaly | None:
    rows = QualityAnomaly.objects.filter(table=table_id, column=column, kind=kind, ended_at=None)
    return rows.first()


def _open(newest: QualityMeasure, band: Band, now: datetime) -> None:
    """Not again for a value that an ended episode knows."""
    series = {"table": newest.table_id, "column": newest.column, "kind": newest.kind}
    if QualityAnomaly.objects.filter(**series, ended_at__gte=newest.measured_at).exists():
        return
    anomaly = QualityAnomaly.objects.create(
        table_id=newest.table_id,
        column=newest.column,
        kind=newest.kind,
        source=newest.source,
        started_at=newest.measured_at,
        value=newest.value,
        low=band.low,
        high=band.high,
    )
    _record(anomaly, now)


def _list_owners(table: Table) -> set[int]:
    products = DataProduct.objects.filter(tables=table, retired_at=None)
    rows = products.select_related("domain", "owner").distinct()
    return {pk for product in rows for pk in list_product_owner_ids(product)}


def _describe(value: float) -> str:
    """In English, as the texts of events are."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _record(anomaly: QualityAnomaly, now: datetime) -> None:
    table = Table.objects.select_related("database").get(pk=anomaly.table_id)
    people = _list_owners(table) if anomaly.started_at > now - TOLD_WITHIN else set()
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
    record_event(verb="find_quality_anomaly", actor=ENGINE, subject=anomaly.subject, data=data, now=now)
