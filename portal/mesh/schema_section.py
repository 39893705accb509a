"""Tables with similar schemas."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.mesh.schema_similarity import THRESHOLD, SimilarGroup, get_last_comparison, list_similar_groups
from identity.people.models import Person
from portal.charts.chart import Chart, Series
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent

BANDS = ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0))


def build_schema_section(person: Person, now: datetime) -> SectionContent:  # noqa: ARG001 - as all sections
    """Four queries."""
    groups = list_similar_groups(person)
    counts = [sum(low <= group.similarity < high for group in groups) for low, high in BANDS]
    counts = [sum(group.similarity < BANDS[0][0] for group in groups), *counts]
    counts.append(sum(group.similarity >= 1 for group in groups))
    names = (_("below 50 %"), *(f"{low * 100:.0f}-{high * 100:.0f} %" for low, high in BANDS), _("equal"))
    series = (Series(_("groups"), tuple(counts)),)
    summary = _("%(n)s groups of similar tables.") % {"n": len(groups)}
    chart = Chart("similarity", _("Groups by similarity"), summary, _("Similarity"), names, series)
    return SectionContent([_build_report(groups)], [chart])


def _build_report(groups: Sequence[SimilarGroup]) -> ReportTable:
    columns = [
        ReportColumn("group", _("Group"), ColumnKind.COUNT),
        ReportColumn("table", _("Table")),
        ReportColumn("domain", _("Domain of its database")),
        ReportColumn("tables", _("Tables in the group"), ColumnKind.COUNT),
        ReportColumn("shared", _("Columns that all have"), ColumnKind.COUNT),
        ReportColumn("columns", _("Different columns"), ColumnKind.COUNT),
        ReportColumn("similarity", _("Similarity"), ColumnKind.SHARE),
    ]
    rows = [
        ReportRow(
            {
                "group": number,
                "table": str(table),
                "tables": group.total,
                "shared": group.shared,
                "columns": group.columns,
                "similarity": group.similarity,
                "domain": table.database.domain.name if table.database.domain else None,
            },
            {"table": reverse("table", args=[table.pk])},
        )
        for number, group in enumerate(groups, start=1)
        for table in group.tables
    ]
    empty = _("No tables that you may see have similar schemas.")
    total = sum(group.total for group in groups)
    last = get_last_comparison()
    if last is None:
        source_text = _("The schemas have not been compared yet. A worker does this once a day.")
    else:
        source_text = _(
            "Names and types of all columns in the mirror, compared on %(at)s. Tables are in one group if at least %(share)s %% of"
            " their columns are the same, where rare columns count more than common ones. Similarity: of the two that differ most,"
            " with all columns counted alike."
        ) % {"at": date_format(localtime(last.finished_at), _("j M Y, H:i")), "share": round(THRESHOLD * 100)}
    return ReportTable(
        "similar-tables", _("Tables with similar schemas"), source_text, columns, rows, total, empty
    )
