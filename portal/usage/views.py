"""Usage of a product, of a team, and of all products, with their costs."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from catalog.browse.products import get_product
from catalog.mirror.models import Table
from catalog.product_usage.cost_report import CostGroup
from catalog.product_usage.may import get_usage_extent, may_view_team_usage
from catalog.product_usage.product_report import PERIOD_DAYS
from catalog.products.models import DataProduct
from catalog.usage.models import get_trail_readings
from catalog.usage.queries import list_person_reads
from identity.people.queries import get_team
from kernel.errors import NotFoundError
from portal.api.exports import stream_results
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.places import place_page, place_product_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.usage.lists import (
    UsageRow,
    build_cost_chart,
    build_cost_rows,
    build_product_rows,
    describe_unread_histories,
)
from portal.usage.parameters import Period, read_period
from portal.usage.presenters import build_usage_panel

PAGE_SIZE = 50
MAX_PERSONS = 50


@require_GET
@return_404_if_hidden
def product_usage(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_signed_in_person(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    tables = list_product_tables(product)
    extent = get_usage_extent(person, product)
    readings = get_trail_readings({table.database.catalog_id for table in tables})
    period = _read_period(request)
    context = {
        "product": product,
        "usage": build_usage_panel(person, tables, extent, readings, period),
        "persons": list_person_reads(tables)[:MAX_PERSONS] if extent.names_teams else None,
        **_build_period_context(period),
    }
    return render(request, "portal/usage/product.html", context)


def list_product_tables(product: DataProduct) -> list[Table]:
    rows = Table.objects.filter(product_tables__product=product).order_by("product_tables__position", "pk")
    return list(rows.select_related("database__catalog__account"))


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
        "chart": build_cost_chart(rows) if group is CostGroup.MONTH else None,
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
    months = build_cost_rows(person, CostGroup.MONTH, period, team)
    context = {
        "team": team,
        "chart": build_cost_chart(months),
        "history_notes": describe_unread_histories(team),
        "parts": [
            (group, months if group is CostGroup.MONTH else build_cost_rows(person, group, period, team))
            for group in (CostGroup.PRODUCT, CostGroup.COST_CENTRE, CostGroup.MONTH)
        ],
        **_build_period_context(period),
    }
    return render(request, "portal/usage/team.html", context)


def _list_rows(request: HttpRequest, period: Period, group: CostGroup) -> list[UsageRow]:
    person = get_signed_in_person(request)
    if group is CostGroup.PRODUCT:
        return build_product_rows(person, period)
    return build_cost_rows(person, group, period, None)


def _list_cells(rows: list[UsageRow], group: CostGroup) -> Iterator[dict[str, Any]]:
    """What is not known is an empty cell."""
    for row in rows:
        reads = (
            {"reads": row.reads, "teams": row.teams, "last_read": row.last}
            if group is CostGroup.PRODUCT
            else {}
        )
        yield {
            group.value: row.label, **reads, "queries": row.cost.queries if row.cost else None,
            "scanned_bytes": row.cost.scanned_bytes if row.cost else None,
            "billed_bytes": row.cost.billed_bytes if row.cost else None,
            "bytes_without_price": row.cost.unpriced_bytes if row.cost else None,
            "cost": " + ".join(f"{one.value:.4f} {one.currency}" for one in row.cost.amounts) if row.cost else None,
        }  # fmt: skip


def _read_period(request: HttpRequest) -> Period:
    return read_period(request.GET, get_request_time(request).date())


def _read_group(request: HttpRequest) -> CostGroup:
    said = request.GET.get("by", CostGroup.PRODUCT)
    return CostGroup(said) if said in set(CostGroup) else CostGroup.PRODUCT


def _build_period_context(period: Period) -> dict[str, object]:
    return {"period": period, "periods": PERIOD_DAYS}
