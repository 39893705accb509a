"""Rows of the lists of usage and cost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.product_usage.cost_report import (
    CostGroup,
    CostRow,
    get_cost_extent,
    list_costs,
    list_product_reads,
)
from catalog.product_usage.costs import Cost
from catalog.product_usage.coverage import list_account_histories
from catalog.products.may import visible_products
from identity.people.models import Person, Team
from portal.charts.chart import Chart, Series
from portal.charts.scale import ChartUnit
from portal.usage.cost_text import describe_cost, describe_cost_note
from portal.usage.parameters import Period


@dataclass(frozen=True)
class UsageRow:
    """`cost` is None where the person sees none, or no query is known; `reads` is None where none is known."""

    label: str
    url: str = ""
    cost: Cost | None = None
    reads: int | None = None
    teams: int | None = None
    last: date | None = None

    @property
    def cost_text(self) -> str:
        return describe_cost(self.cost)

    @property
    def cost_note(self) -> str:
        return describe_cost_note(self.cost)


def build_product_rows(person: Person, period: Period) -> list[UsageRow]:
    """Products that the person may see and of which something is known, the most read first. Five queries at most."""
    names = {
        pk: (name, slug) for pk, name, slug in visible_products(person).values_list("pk", "name", "slug")
    }
    reads = list_product_reads(names, period.since)
    costs = {row.key: row.cost for row in _list_costs(person, CostGroup.PRODUCT, period, names)}
    rows = []
    for pk, (name, slug) in names.items():
        read, cost = reads.get(pk), costs.get(str(pk))
        if read or cost:
            url = f"{reverse('data-product-usage', args=[slug])}?{period.query}"
            said = (read.reads, read.teams, read.last) if read else (None, None, None)
            rows.append(UsageRow(name, url, cost, *said))
    return sorted(rows, key=lambda row: (-(row.reads or 0), row.label))


def build_cost_rows(person: Person, group: CostGroup, period: Period, team: Team | None) -> list[UsageRow]:
    """Of what the person may see; `team` limits it to the accounts of one."""
    products = (
        visible_products(person).values_list("pk", "name", "slug") if group is CostGroup.PRODUCT else ()
    )
    names = {str(pk): (name, reverse("data-product-usage", args=[slug])) for pk, name, slug in products}
    found = _list_costs(person, group, period, [int(pk) for pk in names], team)
    if group is CostGroup.TEAM:
        teams = Team.objects.filter(pk__in=[int(row.key) for row in found if row.key])
        names = {str(one.pk): (one.name, reverse("team", args=[one.slug])) for one in teams}
    return [_build_row(row, group, names) for row in found]


def _list_costs(
    person: Person,
    group: CostGroup,
    period: Period,
    products: Collection[int],
    team: Team | None = None,
) -> list[CostRow]:
    return list_costs(get_cost_extent(person), group, period.since, list(products), team.pk if team else None)


def _build_row(row: CostRow, group: CostGroup, names: dict[str, tuple[str, str]]) -> UsageRow:
    if row.key is None or (group is CostGroup.PRODUCT and row.key not in names):
        unknown = {CostGroup.PRODUCT: _("Other tables"), CostGroup.COST_CENTRE: _("Not known")}
        return UsageRow(unknown.get(group, "–"), cost=row.cost)
    if group is CostGroup.MONTH:
        return UsageRow(_format_month(row.key), cost=row.cost)
    label, url = names.get(row.key, (row.key, ""))
    return UsageRow(label, url, row.cost)


def _format_month(text: str) -> str:
    year, month = (int(part) for part in text.split("-"))
    return date_format(date(year, month, 1), "F Y")


def build_cost_chart(rows: Sequence[UsageRow]) -> Chart | None:
    """Queries by month; None for fewer than two. Money is in the table: it may be of several currencies, or not known."""
    if len(rows) < 2:  # noqa: PLR2004 - a plot
        return None
    return Chart(
        key="queries",
        title=_("Queries by month"),
        summary=_("%(n)s queries in %(months)s months, by Athena's query history.")
        % {"n": f"{sum(row.cost.queries for row in rows if row.cost):,}", "months": len(rows)},
        axis=_("Month"),
        periods=tuple(row.label for row in rows),
        series=(Series(_("Queries"), tuple(row.cost.queries if row.cost else None for row in rows)),),
        unit=ChartUnit.COUNT,
    )


def describe_unread_histories(team: Team) -> list[str]:
    """Which accounts of the team do not let the portal read their history. One query."""
    histories = list_account_histories(
        team.accounts.filter(is_consumer=True).values_list("account_id", flat=True)
    )
    refused = _("Unknown: the account %(account)s does not let us read its query history.")
    unread = _("Unknown: the query history of the account %(account)s is not read.")
    return [
        (refused if one.trouble else unread) % {"account": one.account.name}
        for one in histories
        if not one.is_read
    ]
