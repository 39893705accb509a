"""Data products that are used together, and those that can be joined."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.people.models import Person
from portal.charts.chart import Chart, Series
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent
from requests_app.mesh.joinable import Join, list_joins
from requests_app.mesh.used_together import MIN_TEAMS, ProductPair, list_products_used_together

MAX_BARS = 10
Pairs = Sequence[tuple[DataProduct, DataProduct, ProductPair]]


def build_combination_section(person: Person, now: datetime) -> SectionContent:
    """Six queries."""
    pairs, joins = list_products_used_together(person, now), list_joins(person)
    shown = sorted(pairs, key=lambda one: -one[2].teams)[:MAX_BARS]
    names = tuple(f"{first.name} + {second.name}" for first, second, _pair in shown)
    series = (Series(_("teams"), tuple(pair.teams for _first, _second, pair in shown)),)
    summary = _("%(n)s pairs of data products are used by the same teams.") % {"n": len(pairs)}
    chart = Chart("together", _("Used together by most teams"), summary, _("Data products"), names, series)
    columns = [
        ReportColumn("data_product", _("Data product")),
        ReportColumn("used_with", _("Used together with")),
        ReportColumn("teams", _("Teams"), ColumnKind.COUNT),
        ReportColumn("lift", _("Lift"), ColumnKind.DECIMAL),
    ]
    rows = [
        ReportRow(
            {"data_product": one.name, "used_with": other.name, "teams": pair.teams, "lift": pair.lift},
            {"data_product": _get_url(one), "used_with": _get_url(other)},
        )
        for one, other, pair in pairs
    ]
    source = _(
        "By grants of the same team in the last twelve months, for pairs that at least %(n)s teams use. Lift is how many times more"
        " often both are held than if the two were independent."
    ) % {"n": MIN_TEAMS}
    empty = _("No two data products that you may see are held by several teams.")
    pair_report = ReportTable(
        "used-together", _("Data products used together"), source, columns, rows, empty=empty
    )
    return SectionContent([pair_report, _build_join_report(joins)], [chart])


def _build_join_report(joins: Sequence[Join]) -> ReportTable:
    columns = [
        ReportColumn("data_product", _("Data product")),
        ReportColumn("column", _("Column")),
        ReportColumn("joins", _("Can be joined with")),
        ReportColumn("other_column", _("Column there")),
        ReportColumn("by", _("By")),
    ]
    products = DataProduct.objects.in_bulk(
        {side.product for join in joins for side in (join.first, join.second)}
    )
    tables = Table.objects.in_bulk({side.table for join in joins for side in (join.first, join.second)})
    rows = [
        ReportRow(
            {
                "data_product": products[join.first.product].name,
                "column": f"{tables[join.first.table].name}.{join.first.column}",
                "joins": products[join.second.product].name,
                "other_column": f"{tables[join.second.table].name}.{join.second.column}",
                "by": describe_key(join),
            },
            {
                "data_product": _get_url(products[join.first.product]),
                "joins": _get_url(products[join.second.product]),
            },
        )
        for join in joins
    ]
    source = _(
        "Columns of two data products that carry the same approved term, or that have the same rare name of a key and the same"
        " type. Computed once a day. The page of a data product has the SQL for the columns that you hold."
    )
    empty = _("No two data products that you may see share a key.")
    return ReportTable("joinable", _("Data products that can be joined"), source, columns, rows, empty=empty)


def describe_key(join: Join) -> str:
    words = {"name": join.label}
    return _("the term %(name)s") % words if join.is_by_term else _("the name %(name)s") % words


def _get_url(product: DataProduct) -> str:
    return reverse("data-product", args=[product.slug])
