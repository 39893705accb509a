"""Data products by domain and maturity, and their growth."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.products.models import ProductLifecycle
from identity.people.models import Person
from portal.charts.chart import Chart, ChartKind, ChartTone, Series
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent
from requests_app.mesh.growth import Growth, count_growth
from requests_app.mesh.maturity import FACTS, DomainProducts, count_domain_products

MONTHS = 12
MAX_BARS = 12
TONES = {
    ProductLifecycle.DRAFT: ChartTone.NEUTRAL,
    ProductLifecycle.PUBLISHED: ChartTone.GOOD,
    ProductLifecycle.DEPRECATED: ChartTone.CAUTION,
    ProductLifecycle.RETIRED: ChartTone.BAD,
}


def build_product_section(person: Person, now: datetime) -> SectionContent:
    """Two queries."""
    domains = count_domain_products(person)
    months = list_months(now)
    growth = count_growth(person, months)
    names = list_month_names(months)
    charts = [
        _build_lifecycle_chart(domains),
        _build_maturity_chart(domains),
        _build_growth_chart(names, growth),
    ]
    tables = [_build_domain_table(domains), _build_growth_table(months, growth)]
    return SectionContent(tables, charts)


def describe_facts() -> dict[str, str]:
    return {
        "described": _("Described"),
        "owned": _("Owned"),
        "classified": _("Classified"),
        "promised": _("Promised"),
        "traced": _("With lineage"),
        "used": _("Used"),
    }


def _build_domain_table(domains: list[DomainProducts]) -> ReportTable:
    labels = describe_facts()
    columns = [
        ReportColumn("domain", _("Domain")),
        *(ReportColumn(one.value, str(one.label).capitalize(), ColumnKind.COUNT) for one in ProductLifecycle),
        *(ReportColumn(fact, labels[fact], ColumnKind.COUNT) for fact in FACTS),
        ReportColumn("maturity", _("Maturity"), ColumnKind.DECIMAL),
    ]
    rows = [
        ReportRow(
            {"domain": domain.name, **domain.lifecycles, **domain.facts, "maturity": domain.maturity},
            {"domain": reverse("domain", args=[domain.slug])},
        )
        for domain in domains
    ]
    source = _(
        "Counted from the data products that you may see. Maturity is how many of these"
        " six facts are true of a product in use, on average. Described: summary, README and a description of each table. Owned: an active owner and an active data owner"
        " of the domain. Classified: each table has a class. Promised: freshness, completeness, availability or an answer"
        " time. With lineage: something is known to be made from it, or it from something. Used: another team has a live"
        " grant."
    )
    return ReportTable("products", _("Data products by domain and maturity"), source, columns, rows)


def _build_lifecycle_chart(domains: list[DomainProducts]) -> Chart:
    shown = domains[:MAX_BARS]
    total = sum(domain.in_use for domain in domains)
    series = tuple(
        Series(str(state.label), tuple(one.lifecycles[state.value] for one in shown), TONES[state])
        for state in ProductLifecycle
    )
    summary = _("%(n)s data products are in use, in %(domains)s domains.") % {
        "n": total,
        "domains": sum(bool(domain.in_use) for domain in domains),
    }
    names = tuple(one.name for one in shown)
    return Chart("lifecycles", _("Data products by domain"), summary, _("Domain"), names, series)


def _build_maturity_chart(domains: list[DomainProducts]) -> Chart:
    levels = tuple(sum(domain.levels[n] for domain in domains) for n in range(len(FACTS) + 1))
    names = tuple(_("%(n)s of 6") % {"n": n} for n in range(len(FACTS) + 1))
    summary = _("%(n)s have all six facts.") % {"n": levels[-1]}
    series = (Series(_("data products"), levels),)
    return Chart("maturity", _("Data products by maturity"), summary, _("Facts"), names, series)


def _build_growth_chart(names: tuple[str, ...], growth: Growth) -> Chart:
    summary = _("%(n)s were published for the first time in these twelve months.") % {
        "n": sum(growth.published)
    }
    series = (Series(_("data products"), growth.existing),)
    title = _("Data products over a year")
    return Chart("growth", title, summary, _("Month"), names, series, kind=ChartKind.LINE)


def _build_growth_table(months: tuple[datetime, ...], growth: Growth) -> ReportTable:
    columns = [
        ReportColumn("month", _("Month")),
        ReportColumn("existing", _("Total at the end of the month"), ColumnKind.COUNT),
        ReportColumn("published", _("First published"), ColumnKind.COUNT),
    ]
    rows = [
        ReportRow({"month": date_format(month, "Y-m"), "existing": existing, "published": published})
        for month, existing, published in zip(months, growth.existing, growth.published, strict=True)
    ]
    source = _("By the day on which the first revision of a product was published, without retired products.")
    if growth.undated:
        source += " " + _("%(n)s more have no known day of publication and are not counted.") % {
            "n": growth.undated
        }
    return ReportTable("growth", _("Growth"), source, columns, rows)


def list_months(now: datetime) -> tuple[datetime, ...]:
    """The first moments of twelve months in local time; the last one is not over."""
    at = localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(at.year * MONTHS + at.month - 1 - back, MONTHS)
        found.append(at.replace(year=year, month=month + 1))
    return tuple(found)


def list_month_names(months: tuple[datetime, ...]) -> tuple[str, ...]:
    return tuple(date_format(month, "M Y") for month in months)


def format_month(at: datetime) -> str:
    """As a key: `2026-11`."""
    return f"{localtime(at):%Y-%m}"
