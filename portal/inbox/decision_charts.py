"""Decisions by week, and how long they took, as charts."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.people.models import Person
from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.charts.scale import ChartUnit, format_value
from requests_app.review.decision_history import DecisionPeriod, DecisionQuery, count_weekly_decisions
from requests_app.statistics.periods import Interval, Periods, build_periods


def build_decision_charts(person: Person, query: DecisionQuery, now: datetime) -> list[Chart]:
    """Of the last thirteen weeks; none without a decision in them. One query."""
    periods = build_periods(None, now, Interval.WEEK)
    rows = count_weekly_decisions(person, query, periods.starts[0])
    weeks = {place: row for row in rows if (place := periods.find_place(row.week)) is not None}
    return [_build_count_chart(periods, weeks), _build_time_chart(periods, weeks)] if weeks else []


def _build_count_chart(periods: Periods, weeks: Mapping[int, DecisionPeriod]) -> Chart:
    places = range(len(periods.starts))
    approved = tuple(weeks[place].approved if place in weeks else 0 for place in places)
    rejected = tuple(weeks[place].rejected if place in weeks else 0 for place in places)
    total = sum(approved) + sum(rejected)
    summary = ngettext("%(n)d decision in 13 weeks.", "%(n)d decisions in 13 weeks.", total) % {"n": total}
    return Chart(
        "decisions",
        _("Decisions by week"),
        summary,
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("approved"), approved, ChartTone.GOOD), Series(_("rejected"), rejected, ChartTone.BAD)),
    )


def _build_time_chart(periods: Periods, weeks: Mapping[int, DecisionPeriod]) -> Chart:
    seconds = tuple(
        weeks[place].median_time.total_seconds() if place in weeks else None
        for place in range(len(periods.starts))
    )
    last = weeks[max(weeks)].median_time.total_seconds()
    summary = _("In the last week with decisions, half of them took no longer than %(time)s.") % {
        "time": format_value(last, ChartUnit.DURATION)
    }
    return Chart(
        "decision-time",
        _("Time from request to decision, by week"),
        summary,
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("median"), seconds),),
        unit=ChartUnit.DURATION,
    )
