"""From request to proven access: times, where requests end before that, and what was decided automatically."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.people.models import Person
from portal.charts.chart import Chart, ChartKind, ChartTone, Series
from portal.charts.scale import ChartUnit, format_value
from portal.mesh.product_section import format_month, list_month_names, list_months
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent
from requests_app.mesh.request_times import (
    ItemTimes,
    Stop,
    TimeSummary,
    count_stops,
    read_item_times,
    summarise_times,
)


def build_request_section(person: Person, now: datetime) -> SectionContent:
    """One query."""
    months = list_months(now)
    items = read_item_times(person, months[0])
    by_month = summarise_times(items, lambda one: format_month(one.submitted_at))
    monthly = [by_month.get(f"{month:%Y-%m}") for month in months]
    names = list_month_names(months)
    keys = [f"{month:%Y-%m}" for month in months]
    by_domain = summarise_times(items, lambda one: one.domain)
    charts = [
        _build_time_chart(names, monthly, items),
        _build_stop_chart(items, now),
        _build_share_chart(names, monthly),
    ]
    tables = [
        _build_time_table(
            "request-times",
            _("Time from request to proven access, by month"),
            _("Month"),
            dict(zip(keys, monthly, strict=True)),
        ),
        _build_time_table(
            "request-times-by-domain",
            _("Time from request to proven access, by domain"),
            _("Domain"),
            {name or _("no domain"): by_domain[name] for name in sorted(by_domain)},
        ),
        _build_stop_table(items, now),
    ]
    return SectionContent(tables, charts)


def describe_stops() -> dict[Stop, str]:
    return {
        Stop.PROVEN: _("Access proven"),
        Stop.IN_ENGINE: _("Approved, not proven yet"),
        Stop.ENDED_UNPROVEN: _("Approved, ended before it was proven"),
        Stop.WAITING: _("Waits for a decision"),
        Stop.RETURNED: _("Waits for the requester's changes"),
        Stop.REJECTED: _("Rejected"),
        Stop.WITHDRAWN_WAITING: _("Withdrawn before the decision"),
        Stop.CLOSED: _("Closed, as the data product was retired"),
        Stop.EXPIRED: _("Expired before the decision"),
    }


def _build_time_chart(
    names: tuple[str, ...], monthly: Sequence[TimeSummary | None], items: Sequence[ItemTimes]
) -> Chart:
    whole = summarise_times(items, lambda _one: "").get("")
    summary = _("Too few requests with proven access to show a time.")
    if whole and whole.median is not None:
        summary = _(
            "Half of the %(n)s requests of these twelve months had proven access within %(time)s."
        ) % {
            "n": whole.count,
            "time": format_value(whole.median, ChartUnit.DURATION),
        }
    series = (
        Series(_("median"), tuple(one.median if one else None for one in monthly)),
        Series(_("90th percentile"), tuple(one.high if one else None for one in monthly), ChartTone.CAUTION),
    )
    return Chart(
        "request-time",
        _("Time from request to proven access"),
        summary,
        _("Month of the request"),
        names,
        series,
        kind=ChartKind.LINE,
        unit=ChartUnit.DURATION,
    )


def _build_stop_chart(items: Sequence[ItemTimes], now: datetime) -> Chart:
    counts, labels = count_stops(items, now), describe_stops()
    shown = [stop for stop in Stop if counts[stop]]
    proven = counts[Stop.PROVEN]
    summary = ngettext(
        "%(proven)s of %(n)s requested table has proven access.",
        "%(proven)s of %(n)s requested tables have proven access.",
        len(items),
    ) % {"proven": proven, "n": len(items)}
    series = (Series(_("requested tables"), tuple(counts[stop] for stop in shown)),)
    names = tuple(labels[stop] for stop in shown)
    return Chart("request-stops", _("Where requests end"), summary, _("Result"), names, series)


def _build_share_chart(names: tuple[str, ...], monthly: Sequence[TimeSummary | None]) -> Chart:
    automatic = tuple(one.automatic if one else 0 for one in monthly)
    decided = sum(one.decided if one else 0 for one in monthly)
    by_people = tuple(one.decided - one.automatic if one else 0 for one in monthly)
    summary = _("%(automatic)s of %(decided)s decisions were automatic.") % {
        "automatic": sum(automatic),
        "decided": decided,
    }
    series = (
        Series(_("automatic"), automatic, ChartTone.GOOD),
        Series(_("by people"), by_people, ChartTone.NEUTRAL),
    )
    return Chart("automatic", _("Decided automatically"), summary, _("Month of the request"), names, series)


def _build_time_table(
    name: str, title: str, axis: str, summaries: Mapping[str, TimeSummary | None]
) -> ReportTable:
    durations = {
        "median": _("Median"),
        "high": _("90th percentile"),
        "decision": _("Until the decision"),
        "engine": _("Until the first call to AWS"),
        "proof": _("Until the proof"),
    }
    columns = [
        ReportColumn("name", axis),
        ReportColumn("count", _("Proven"), ColumnKind.COUNT),
        *(ReportColumn(one, label, ColumnKind.SECONDS) for one, label in durations.items()),
        ReportColumn("decided", _("Decided"), ColumnKind.COUNT),
        ReportColumn("automatic_share", _("Automatic"), ColumnKind.SHARE),
    ]
    rows = [
        ReportRow(
            {"name": label, **{column.name: getattr(found, column.name, None) for column in columns[1:]}}
        )
        for label, found in summaries.items()
        if found
    ]
    source = _(
        "Of the requested tables that you may see, by when they were requested. From the request to the approval, from there"
        " to the first call to AWS, and from there to the first proof that access is there, each as the median. Of fewer than"
        " five no time is shown. Automatic: approved by a rule, an offer or a break-glass consent."
    )
    empty = _("You see no request of the last twelve months.")
    return ReportTable(name, title, source, columns, rows, empty=empty)


def _build_stop_table(items: Sequence[ItemTimes], now: datetime) -> ReportTable:
    counts = count_stops(items, now)
    columns = [
        ReportColumn("result", _("Result")),
        ReportColumn("count", _("Requested tables"), ColumnKind.COUNT),
        ReportColumn("share", _("Share"), ColumnKind.SHARE),
    ]
    rows = [
        ReportRow({"result": label, "count": counts[stop], "share": counts[stop] / len(items)})
        for stop, label in describe_stops().items()
        if counts[stop]
    ]
    source = _("Where each table that was requested in the last twelve months is now, or where it ended.")
    empty = _("You see no request of the last twelve months.")
    return ReportTable("request-ends", _("Where requests end"), source, columns, rows, empty=empty)
