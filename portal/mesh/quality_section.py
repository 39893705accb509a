"""Quality and freshness by domain."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.mesh.extent import DomainQuality, list_domain_quality
from identity.people.models import Person
from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.scale import ChartUnit
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent

MAX_BARS = 12


def build_quality_section(person: Person, _now: datetime) -> SectionContent:
    """Two queries."""
    domains = list_domain_quality(person)
    shown = [domain for domain in domains if domain.score is not None][:MAX_BARS]
    series = (Series(_("mean score"), tuple(one.score for one in shown)),)
    summary = _("%(measured)s of %(n)s data products have quality results.") % {
        "measured": sum(domain.measured for domain in domains),
        "n": sum(domain.products for domain in domains),
    }
    names = tuple(one.name for one in shown)
    title = _("Quality by domain")
    score_chart = Chart("scores", title, summary, _("Domain"), names, series, unit=ChartUnit.PERCENT)
    return SectionContent([_build_table(domains)], [_build_promise_chart(domains), score_chart])


def _build_table(domains: list[DomainQuality]) -> ReportTable:
    columns = [
        ReportColumn("domain", _("Domain")),
        ReportColumn("products", _("Data products"), ColumnKind.COUNT),
        ReportColumn("measured", _("With quality results"), ColumnKind.COUNT),
        ReportColumn("score", _("Mean score"), ColumnKind.SHARE),
        ReportColumn("promising", _("With a promise"), ColumnKind.COUNT),
        ReportColumn("kept", _("Kept"), ColumnKind.COUNT),
        ReportColumn("broken", _("Broken"), ColumnKind.COUNT),
        ReportColumn("unknown", _("Not known"), ColumnKind.COUNT),
        ReportColumn("late", _("Older than promised"), ColumnKind.COUNT),
        ReportColumn("low", _("Quality below the promise"), ColumnKind.COUNT),
    ]
    rows = [
        ReportRow(
            {
                "domain": domain.name,
                "products": domain.products,
                "measured": domain.measured,
                "score": None if domain.score is None else domain.score / 100,
                "promising": domain.promising,
                "kept": domain.kept,
                "broken": domain.broken,
                "unknown": domain.unknown,
                "late": domain.late,
                "low": domain.low,
            },
            {"domain": reverse("domain", args=[domain.slug])},
        )
        for domain in domains
    ]
    source = _(
        "Counted from the data products in use that you may see. The score of a product is the share of rules that passed in"
        " the latest quality results. A promise is one on freshness or quality; it is not known whether it is kept while"
        " nothing is measured."
    )
    return ReportTable("quality-and-freshness", _("Quality and freshness by domain"), source, columns, rows)


def _build_promise_chart(domains: list[DomainQuality]) -> Chart:
    shown = domains[:MAX_BARS]
    series = (
        Series(_("kept"), tuple(one.kept for one in shown), ChartTone.GOOD),
        Series(_("broken"), tuple(one.broken for one in shown), ChartTone.BAD),
        Series(_("not known"), tuple(one.unknown for one in shown), ChartTone.NEUTRAL),
    )
    summary = _("%(broken)s of %(n)s data products with a promise break one.") % {
        "broken": sum(domain.broken for domain in domains),
        "n": sum(domain.promising for domain in domains),
    }
    names = tuple(one.name for one in shown)
    return Chart("promises", _("Promises by domain"), summary, _("Domain"), names, series)
