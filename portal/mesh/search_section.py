"""Searches that found nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from catalog.mesh.extent import sees_searches_without_result
from catalog.mesh.models import MIN_PEOPLE, MIN_SEARCHES, SHOWN_FOR, list_searches_without_result
from identity.people.models import Person
from portal.charts.chart import Chart, Series
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent

MAX_TEXTS, MAX_BARS = 100, 10


def build_search_section(person: Person, now: datetime) -> SectionContent:
    """One query."""
    if not sees_searches_without_result(person):
        empty = _("Data owners, developers, governance admins and auditors see searches without result.")
        return SectionContent([_build_report([], empty)])
    rows = list(list_searches_without_result(localdate(now))[:MAX_TEXTS])
    empty = _("No search without result was made often enough to be shown.")
    shown = rows[:MAX_BARS]
    series = (Series(_("searches"), tuple(row["searches"] for row in shown)),)
    names = tuple(row["text"] for row in shown)
    summary = _("%(n)s texts were searched for without result.") % {"n": len(rows)}
    chart = Chart(
        "without-result", _("Most frequent searches without result"), summary, _("Text"), names, series
    )
    return SectionContent([_build_report(rows, empty)], [chart])


def _build_report(rows: Sequence[Mapping[str, Any]], empty: str) -> ReportTable:
    columns = [
        ReportColumn("text", _("Searched for")),
        ReportColumn("searches", _("Searches"), ColumnKind.COUNT),
        ReportColumn("last_day", _("Last on"), ColumnKind.DAY),
    ]
    shown = [
        ReportRow(
            {name: row[name] for name in ("text", "searches", "last_day")},
            {"text": f"{reverse('search')}?{urlencode({'q': row['text']})}"},
        )
        for row in rows
    ]
    words = {"days": SHOWN_FOR.days, "people": MIN_PEOPLE, "searches": MIN_SEARCHES}
    source = (
        _(
            "Searches of the last %(days)s days that found nothing for the person who searched, each person once a day and without"
            " their names. Only what at least %(people)s people searched for on one day, or what was searched for at least"
            " %(searches)s times, is shown. Texts with e-mail addresses or long numbers are not kept."
        )
        % words
    )
    title = _("Searches without result")
    return ReportTable("searches-without-result", title, source, columns, shown, empty=empty)
