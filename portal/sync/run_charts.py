"""Duration and size of sync runs, as charts."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.sync.models import SyncRun
from catalog.sync.run_history import RunPeriod, summarize_runs
from portal.charts.chart import Chart, ChartKind, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.charts.scale import ChartUnit, format_value
from requests_app.statistics.periods import WINDOW, Periods, build_periods


def build_run_charts(runs: QuerySet[SyncRun], now: datetime) -> list[Chart]:
    """Of the last hours, days or weeks; none without a complete run in them. Two queries."""
    first = (
        runs.filter(finished_at__gte=now - WINDOW)
        .order_by("pk")
        .values_list("finished_at", flat=True)
        .first()
    )
    periods = build_periods(first, now)
    found = {
        periods.find_place(one.start): one
        for one in summarize_runs(runs, periods.starts[0], periods.interval)
    }
    if not found:
        return []
    places = range(len(periods.starts))
    seconds = tuple(found[place].average_time.total_seconds() if place in found else None for place in places)
    tables = tuple(found[place].tables if place in found else None for place in places)
    last = list(found.values())[-1]
    return [_build_time_chart(periods, seconds, last), _build_table_chart(periods, tables, last)]


def _build_time_chart(periods: Periods, seconds: tuple[float | None, ...], last: RunPeriod) -> Chart:
    took = format_value(last.average_time.total_seconds(), ChartUnit.DURATION)
    return Chart(
        "sync-time",
        _("Time for a complete sync"),
        _("Most recently %(time)s on average.") % {"time": took},
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("average"), seconds),),
        unit=ChartUnit.DURATION,
    )


def _build_table_chart(periods: Periods, tables: tuple[float | None, ...], last: RunPeriod) -> Chart:
    return Chart(
        "sync-tables",
        _("Tables read by a complete sync"),
        _("Most recently %(tables)s in all catalogs.")
        % {"tables": format_value(last.tables, ChartUnit.COUNT)},
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("tables"), tables),),
        kind=ChartKind.LINE,
    )
