"""Usage of a product, of a team, and of all products, with their costs."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.mirror.models import Table
from catalog.product_usage.costs import (
    Cost,
    CostGroup,
    CostRow,
    get_cost_extent,
    list_costs,
    list_product_reads,
)
from catalog.product_usage.product_report import (
    PERIOD_DAYS,
    list_account_histories,
    may_view_team_usage,
)
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from identity.people.models import Person, Team
from identity.people.queries import get_team
from kernel.errors import NotFoundError
from portal.api.exports import stream_results
from portal.charts.chart import Chart, Series
from portal.charts.scale import ChartUnit
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.places import place_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.usage.parameters import Period, read_period
from portal.usage.presenters import describe_cost, describe_cost_note

PAGE_SIZE = 50


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


def list_product_tables(product: DataProduct) -> list[Table]:
    rows = Table.objects.filter(product_tables__product=product).order_by("product_tables__position", "pk")
    return list(rows.select_related("database__catalog__account", "database__domain"))


@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    """By product, with reads; or costs by team, cost centre or month."""
    period, group = _read_period(request), _read_group(request)
    rows = _list_rows(request, period, group)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    said = {"days": period.days, "by": group.value}
    context = {
        "group": group,
        "groups": list(CostGroup),
        "rows": page,
        "chart": _build_cost_chart(rows) if group is CostGroup.MONTH else None,
        "pager": build_pager(page, urlencode(said)),
        "export_query": urlencode(said),
        **_build_period_context(period),
    }
    return render(request, "portal/usage/list.html", context)


@require_GET
def usage_file(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV."""
    period, group = _read_period(request), _read_group(request)
    rows = _list_rows(request, period, group)
    return stream_results(_list_cells(rows, group), "csv", f"usage-by-{group.value}-{period.days}-days")


@require_GET
@return_404_if_hidden
def team_usage(request: HttpRequest, slug: str) -> HttpResponse:
    """What the team's accounts scanned, by product, cost centre and month. 404 for people outside the team."""
    person, period = get_signed_in_person(request), _read_period(request)
    team = get_team(slug)
    if not may_view_team_usage(person, team):
        raise NotFoundError
    place_page(request, "usage")
    months = _build_cost_rows(person, CostGroup.MONTH, period, team)
    histories = list_account_histories(
        team.accounts.filter(is_consumer=True).values_list("account_id", flat=True)
    )
    refused = _("Unknown: the account %(account)s does not let us read its query history.")
    unread = _("Unknown: the query history of the account %(account)s is not read.")
    history_notes = [
        (refused if history.trouble else unread) % {"account": history.account.name}
        for history in histories
        if not history.is_read
    ]
    context = {
        "team": team,
        "chart": _build_cost_chart(months),
        "history_notes": history_notes,
        "parts": [
            (group, months if group is CostGroup.MONTH else _build_cost_rows(person, group, period, team))
            for group in (CostGroup.PRODUCT, CostGroup.COST_CENTRE, CostGroup.MONTH)
        ],
        **_build_period_context(period),
    }
    return render(request, "portal/usage/team.html", context)


def _list_rows(request: HttpRequest, period: Period, group: CostGroup) -> list[UsageRow]:
    person = get_signed_in_person(request)
    if group is CostGroup.PRODUCT:
        # Products that the person may see and of which something is known, the most read first. Five queries
        # at most.
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
    return _build_cost_rows(person, group, period, None)


def _list_cells(rows: list[UsageRow], group: CostGroup) -> Iterator[dict[str, Any]]:
    """What is not known is an empty cell."""
    for row in rows:
        reads = (
            {"reads": row.reads, "teams": row.teams, "last_read": row.last}
            if group is CostGroup.PRODUCT
            else {}
        )
        yield {
            group.value: row.label,
            **reads,
            "queries": row.cost.queries if row.cost else None,
            "scanned_bytes": row.cost.scanned_bytes if row.cost else None,
            "billed_bytes": row.cost.billed_bytes if row.cost else None,
            "bytes_without_price": row.cost.unpriced_bytes if row.cost else None,
            "cost": " + ".join(f"{amount.value:.4f} {amount.currency}" for amount in row.cost.amounts)
            if row.cost
            else None,
        }


def _read_period(request: HttpRequest) -> Period:
    return read_period(request.GET, get_request_time(request).date())


def _read_group(request: HttpRequest) -> CostGroup:
    said = request.GET.get("by", CostGroup.PRODUCT)
    return CostGroup(said) if said in set(CostGroup) else CostGroup.PRODUCT


def _build_period_context(period: Period) -> dict[str, object]:
    return {"period": period, "periods": PERIOD_DAYS}


def _build_cost_rows(person: Person, group: CostGroup, period: Period, team: Team | None) -> list[UsageRow]:
    """Covers what the person may see; `team` limits it to the accounts of one."""
    products = (
        visible_products(person).values_list("pk", "name", "slug") if group is CostGroup.PRODUCT else ()
    )
    names = {str(pk): (name, reverse("data-product-usage", args=[slug])) for pk, name, slug in products}
    costs = _list_costs(person, group, period, [int(pk) for pk in names], team)
    if group is CostGroup.TEAM:
        teams = Team.objects.filter(pk__in=[int(row.key) for row in costs if row.key])
        names = {str(one.pk): (one.name, reverse("team", args=[one.slug])) for one in teams}
    return [_build_row(row, group, names) for row in costs]


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
        year, month = (int(part) for part in row.key.split("-"))
        return UsageRow(date_format(date(year, month, 1), "F Y"), cost=row.cost)
    label, url = names.get(row.key, (row.key, ""))
    return UsageRow(label, url, row.cost)


def _build_cost_chart(rows: Sequence[UsageRow]) -> Chart | None:
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
