"""Active grants on a product, and when they were last used, as charts."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.charts.chart import Chart, ChartKind, Series
from portal.charts.period_names import describe_axis, list_period_names
from requests_app.grants.grant_history import count_active_grants
from requests_app.grants.models import Grant
from requests_app.grants.usage import annotate_last_use
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import Interval, Periods, build_periods


def build_access_charts(grants: QuerySet[Grant], now: datetime) -> list[Chart]:
    """Of the last thirteen weeks; none without numbers. Four queries."""
    periods = build_periods(None, now, Interval.WEEK)
    charts = [_build_grant_chart(grants, periods), _build_use_chart(grants, periods)]
    return [chart for chart in charts if not chart.is_empty]


def _build_grant_chart(grants: QuerySet[Grant], periods: Periods) -> Chart:
    active = count_active_grants(grants, periods)
    return Chart(
        "active-grants",
        _("Active grants"),
        ngettext("%(n)d grant is active now.", "%(n)d grants are active now.", active[-1])
        % {"n": active[-1]},
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("active"), active),),
        kind=ChartKind.LINE,
    )


def _build_use_chart(grants: QuerySet[Grant], periods: Periods) -> Chart:
    used = count_by_period(annotate_last_use(grants), "last_used", periods)
    return Chart(
        "last-use",
        _("Grants by the week of their last use"),
        ngettext("%(n)d grant was used this week.", "%(n)d grants were used this week.", used[-1])
        % {"n": used[-1]},
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("last used"), used),),
    )
