"""Permissions and drift findings of a catalog."""

import csv
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from fulfilment.observations.models import is_reading_too_old
from fulfilment.observations.storage import load_row_policies
from fulfilment.permissions.catalog_permissions import PermissionKey
from fulfilment.permissions.queries import (
    PermissionFilter,
    PermissionPage,
    iterate_catalog_permissions,
    list_databases,
    load_page,
)
from portal.charts.chart import Chart, ChartKind, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.lists.table import build_table
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import Pager, build_pager
from portal.pages.partials import is_fragment_request, render_polled_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.permissions.presenters import (
    PermissionFilters,
    PermissionTable,
    build_catalog_rows,
    build_csv_rows,
    build_finding_rows,
    build_permission_rows,
    build_standing_counts,
    catalog_url,
    filter_attention_counts,
)
from requests_app.permissions.actions import repair_finding
from requests_app.permissions.permission_states import get_reading_time
from requests_app.permissions.queries import (
    VisibleCatalog,
    get_visible_catalog,
    list_all_findings,
    list_findings,
    list_hidden_grant_ids,
    list_open_holds,
    list_row_policies,
    list_visible_catalogs,
)
from requests_app.review.column_holds import list_held_grants
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import WINDOW, build_periods

CURSOR_SALT = "permissions-cursor"
AFTER, BEFORE = "after", "before"
PAGE_SIZE = 50
FINDINGS_PER_PAGE = 20
"""Shown at once above the lines; both are paged in the address."""


@require_GET
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    """Without `catalog`, the catalogs that the person may look at; with one, its permissions, or a file of them."""
    catalog = request.GET.get("catalog")
    if catalog is None:
        visible_catalogs = list_visible_catalogs(get_signed_in_person(request))
        if len(visible_catalogs) == 1:
            return redirect(catalog_url(visible_catalogs[0].catalog.short_name))
        return render(
            request,
            "portal/permissions/catalogs.html",
            {"rows": build_catalog_rows(visible_catalogs, get_request_time(request))},
        )
    if request.GET.get("format") == "csv":
        visible_catalog = get_visible_catalog(get_signed_in_person(request), catalog)
        lines = iterate_catalog_permissions(
            PermissionFilters.from_query(request.GET).apply_to(visible_catalog), get_request_time(request)
        )
        disposition = f'attachment; filename="permissions-{visible_catalog.catalog.short_name}.csv"'
        answer = HttpResponse(
            content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
        )
        csv.writer(answer).writerows(build_csv_rows(lines))
        return answer
    return _catalog(request, catalog)


def _catalog(request: HttpRequest, catalog: str) -> HttpResponse:
    """Filters and the page's number are in the address. The lines are fetched again while one is being removed."""
    person, now = get_signed_in_person(request), get_request_time(request)
    visible_catalog, asked = get_visible_catalog(person, catalog), PermissionFilters.from_query(request.GET)
    excerpt = asked.apply_to(visible_catalog)
    lines, start = _get_permission_page(request.GET, excerpt, now, PAGE_SIZE)
    total = sum(lines.counts.values())
    page = Paginator(list_findings(visible_catalog), FINDINGS_PER_PAGE).get_page(request.GET.get("findings"))
    read_at = get_reading_time(visible_catalog.catalog)
    rows, holds = (
        build_permission_rows(person, visible_catalog, lines.permissions, read_at, now),
        list(list_open_holds(visible_catalog)),
    )
    policies = load_row_policies(visible_catalog.catalog)
    behind = [*(grant for row in rows for grant in row.grants), *list_held_grants(holds)]
    query = request.GET.copy()
    query.pop("findings", None)
    context = {
        "visible_catalog": visible_catalog,
        "filters": asked,
        "databases": list_databases(excerpt, now),
        "counts": build_standing_counts(lines.counts),
        "needs_attention": filter_attention_counts(lines.counts),
        "total": total,
        "rows": rows,
        "table": build_table(PermissionTable(), person, rows),
        "hidden_grant_ids": list_hidden_grant_ids(person, behind),
        "findings": build_finding_rows(visible_catalog, page, now),
        "findings_pager": build_pager(page, query.urlencode(), parameter="findings"),
        "charts": [] if is_fragment_request(request) else _build_drift_charts(visible_catalog, now),
        "holds": holds,
        "row_policies": list_row_policies(visible_catalog, policies),
        "unread_row_policies": policies.unread if policies.is_refused else "",
        "read_at": read_at,
        "is_reading_old": is_reading_too_old(read_at, now),
        "pager": _build_cursor_pager(
            lines, start, lines.counts[asked.standing] if asked.standing else total, request.GET
        ),
    }
    return render_polled_page(
        request,
        "portal/permissions/catalog.html",
        "lines",
        context,
        content=rows,
        should_poll=any(row.state.is_changing for row in rows),
    )


@require_POST
@return_404_if_hidden
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the workers repair the finding now."""
    finding = repair_finding(
        acting_user=get_signed_in_person(request), finding_id=pk, now=get_request_time(request)
    )
    messages.success(request, _("Check requested. The workers do it next."))
    return redirect(catalog_url(finding.catalog.short_name))


def _build_drift_charts(visible_catalog: VisibleCatalog, now: datetime) -> list[Chart]:
    """Found and resolved findings; none if there were none in 90 days. Three queries."""
    findings = list_all_findings(visible_catalog)
    recent = findings.filter(last_seen_at__gte=now - WINDOW)
    first = recent.order_by("first_seen_at").values_list("first_seen_at", flat=True).first()
    if first is None:
        return []
    periods = build_periods(max(first, now - WINDOW), now)
    by_period = count_by_period(findings, "first_seen_at", periods)
    resolved = count_by_period(findings, "gone_at", periods)
    total = sum(by_period)
    summary = ngettext(
        "%(n)d finding, %(resolved)d resolved.", "%(n)d findings, %(resolved)d resolved.", total
    )
    return [
        Chart(
            "drift",
            _("Drift found and resolved"),
            summary % {"n": total, "resolved": sum(resolved)},
            describe_axis(periods.interval),
            list_period_names(periods),
            (
                Series(_("found"), by_period, ChartTone.CAUTION),
                Series(_("resolved"), resolved, ChartTone.GOOD),
            ),
            kind=ChartKind.LINE,
        )
    ]


@dataclass(frozen=True)
class PageCursor:
    """`key` is the permission before or after the page, `line_offset` the number of lines before it."""

    key: PermissionKey
    line_offset: int


def _get_permission_page(
    query: QueryDict, excerpt: PermissionFilter, now: datetime, size: int
) -> tuple[PermissionPage, int]:
    """The requested page and the number of lines before it; the first page for an invalid cursor."""
    after, before = _parse_cursor(query.get(AFTER)), _parse_cursor(query.get(BEFORE))
    if after:
        return load_page(excerpt, now, size, after=after.key), after.line_offset
    if before:
        page = load_page(excerpt, now, size, before=before.key)
        return page, max(0, before.line_offset - len(page.permissions))
    return load_page(excerpt, now, size), 0


def _build_cursor_pager(found: PermissionPage, start: int, total: int, query: QueryDict) -> Pager:
    """`start` is the number of lines before the page."""
    end = start + len(found.permissions)
    return Pager(
        first=min(start + 1, total),
        last=end,
        total=total,
        previous_url=_build_page_url(query, BEFORE, found.first_key, start) if found.has_previous else "",
        next_url=_build_page_url(query, AFTER, found.last_key, end) if found.has_next else "",
    )


def _build_page_url(query: QueryDict, name: str, key: PermissionKey | None, lines: int) -> str:
    asked = query.copy()
    for one in (AFTER, BEFORE):
        asked.pop(one, None)
    asked[name] = signing.Signer(salt=CURSOR_SALT).sign_object([*(key or ()), lines], compress=True)
    return f"?{asked.urlencode()}"


def _parse_cursor(cursor: str | None) -> PageCursor | None:
    try:
        *key, lines = signing.Signer(salt=CURSOR_SALT).unsign_object(cursor or "")
    except signing.BadSignature:
        return None
    return PageCursor(PermissionKey(*key), lines)
