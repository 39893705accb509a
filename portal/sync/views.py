"""Sync runs: list, detail, start, resume, drop; for stewards and governance admins."""

from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.quality.queries import find_reading_troubles
from catalog.sync.models import SyncRun
from catalog.sync.runs import (
    build_run_page,
    drop_sync,
    list_catalog_syncs,
    list_databases,
    list_runs,
    request_sync,
    resume_sync,
    summarize_runs,
)
from kernel.errors import NotFoundError, RefusedError
from portal.charts.chart import Chart, ChartKind, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.charts.scale import ChartUnit, format_value
from portal.lists.page import build_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import is_fragment_request, render_page_or_fragment
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.sync.lists import SyncRunList
from portal.sync.presenters import (
    CatalogRow,
    get_catalog_display_state,
    get_run_display_state,
)
from requests_app.display_states.rules import REQUEST_RULES
from requests_app.statistics.periods import WINDOW, build_periods


@require_GET
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    """Catalogs and sync runs. htmx receives the catalogs, polled while one is syncing."""
    person = get_signed_in_person(request)
    now = get_request_time(request)
    catalog_syncs = list_catalog_syncs(person, now)
    troubles = find_reading_troubles([sync.catalog.pk for sync in catalog_syncs])
    syncs = [
        CatalogRow(sync, get_catalog_display_state(sync, now), troubles.get(sync.catalog.pk, ""))
        for sync in catalog_syncs
    ]
    context = {
        "syncs": sorted(syncs, key=lambda shown: REQUEST_RULES.index(shown.state.state)),
        "listed": build_list(request, SyncRunList(person, now))[0],
        "charts": [] if is_fragment_request(request) else build_run_charts(list_runs(person), now),
        "is_busy": any(shown.sync.is_busy for shown in syncs),
    }
    return render_page_or_fragment(request, "portal/sync/list.html", "catalogs", context)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Htmx receives the progress, polled until the run has finished."""
    page = build_run_page(get_signed_in_person(request), pk, get_request_time(request))
    run = page.run
    context = {
        "page": page,
        "run": run,
        "databases": list_databases(run.catalog),
        "state": get_run_display_state(run, len(page.problems)),
        "is_over": run.finished_at is not None,
    }
    return render_page_or_fragment(request, "portal/sync/run.html", "seen", context)


@require_POST
@return_404_if_hidden
def start(request: HttpRequest) -> HttpResponse:
    """Start a sync run of a catalog or of one database."""
    catalog = parse_id(request.POST.get("catalog", ""))
    if catalog is None:
        raise NotFoundError
    try:
        database = get_text_field(request, "database")
    except RefusedError as error:
        raise NotFoundError from error
    run = request_sync(
        acting_user=get_signed_in_person(request),
        catalog_id=catalog,
        database=database,
        now=get_request_time(request),
    )
    messages.success(request, _("Sync requested. A worker starts it next."))
    return redirect("sync-run", run.pk)


@require_POST
@return_404_if_hidden
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    run = resume_sync(acting_user=get_signed_in_person(request), run_id=pk, now=get_request_time(request))
    messages.success(
        request, _("The run continues: the catalog is read again, and missing tables are marked as removed.")
    )
    return redirect("sync-run", run.pk)


@require_POST
@return_404_if_hidden
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    run = drop_sync(acting_user=get_signed_in_person(request), run_id=pk, now=get_request_time(request))
    messages.success(request, _("Run cancelled. The portal's copy stays as it is."))
    return redirect("sync-run", run.pk)


def build_run_charts(runs: QuerySet[SyncRun], now: datetime) -> list[Chart]:
    """Covers the last hours, days or weeks; none without a complete run in them. Two queries."""
    first = (
        runs.filter(finished_at__gte=now - WINDOW)
        .order_by("pk")
        .values_list("finished_at", flat=True)
        .first()
    )
    periods = build_periods(first, now)
    found = {
        periods.find_place(one.start): one
        for one in summarize_runs(runs, periods.starts[0], periods.interval)
    }
    if not found:
        return []
    places = range(len(periods.starts))
    seconds = tuple(found[place].average_time.total_seconds() if place in found else None for place in places)
    tables = tuple(found[place].tables if place in found else None for place in places)
    last = list(found.values())[-1]
    table_chart = Chart(
        "sync-tables",
        _("Tables read by a complete sync"),
        _("Most recently %(tables)s in all catalogs.")
        % {"tables": format_value(last.tables, ChartUnit.COUNT)},
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("tables"), tables),),
        kind=ChartKind.LINE,
    )
    took = format_value(last.average_time.total_seconds(), ChartUnit.DURATION)
    time_chart = Chart(
        "sync-time",
        _("Time for a complete sync"),
        _("Most recently %(time)s on average.") % {"time": took},
        describe_axis(periods.interval),
        list_period_names(periods),
        (Series(_("average"), seconds),),
        unit=ChartUnit.DURATION,
    )
    return [time_chart, table_chart]
