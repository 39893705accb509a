"""Drift findings over time, as a chart."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.charts.chart import Chart, ChartKind, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from requests_app.permissions.queries import VisibleCatalog, list_all_findings
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import WINDOW, build_periods


def build_drift_charts(visible_catalog: VisibleCatalog, now: datetime) -> list[Chart]:
    """Found and resolved findings; none if there were none in 90 days. Three queries."""
    findings = list_all_findings(visible_catalog)
    recent = findings.filter(last_seen_at__gte=now - WINDOW)
    first = recent.order_by("first_seen_at").values_list("first_seen_at", flat=True).first()
    if first is None:
        return []
    periods = build_periods(max(first, now - WINDOW), now)
    found = count_by_period(findings, "first_seen_at", periods)
    resolved = count_by_period(findings, "gone_at", periods)
    total = sum(found)
    summary = ngettext(
        "%(n)d finding, %(resolved)d resolved.", "%(n)d findings, %(resolved)d resolved.", total
    )
    return [
        Chart(
            "drift",
            _("Drift found and resolved"),
            summary % {"n": total, "resolved": sum(resolved)},
            describe_axis(periods.interval),
            list_period_names(periods),
            (Series(_("found"), found, ChartTone.CAUTION), Series(_("resolved"), resolved, ChartTone.GOOD)),
            kind=ChartKind.LINE,
        )
    ]
