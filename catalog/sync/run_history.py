"""How long sync runs took, and how many tables they read, over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, DurationField, ExpressionWrapper, F, Max, QuerySet
from django.db.models.functions import Trunc

from catalog.sync.models import SyncRun


@dataclass(frozen=True)
class RunPeriod:
    """`start` of an hour, a day or a week; `tables` of all catalogs."""

    start: datetime
    average_time: timedelta
    tables: int


def summarize_runs(runs: QuerySet[SyncRun], since: datetime, interval: str) -> list[RunPeriod]:
    """Complete runs by period, the earliest first; `interval` is hour, day or week. One query."""
    complete = runs.filter(outcome=SyncRun.Outcome.DONE, database="", finished_at__gte=since).order_by()
    took = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
    by_catalog = complete.annotate(start=Trunc("finished_at", interval)).values("start", "catalog")
    rows = by_catalog.annotate(average_time=Avg(took), most_tables=Max("tables")).order_by("start")
    starts: dict[datetime, list[tuple[timedelta, int]]] = {}
    for row in rows:
        starts.setdefault(row["start"], []).append((row["average_time"], row["most_tables"]))
    return [_build_period(start, catalogs) for start, catalogs in starts.items()]


def _build_period(start: datetime, catalogs: Iterable[tuple[timedelta, int]]) -> RunPeriod:
    times, tables = zip(*catalogs, strict=True)
    return RunPeriod(start, sum(times, timedelta()) / len(times), sum(tables))
