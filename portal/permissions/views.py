"""Permissions and drift findings of a catalog."""

import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fulfilment.observations.reading_age import is_reading_too_old
from fulfilment.observations.row_policies import load_row_policies
from fulfilment.permissions.queries import iterate_catalog_permissions, list_databases
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.partials import is_fragment_request, render_polled_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.permissions.drift_charts import build_drift_charts
from portal.permissions.pagination import build_cursor_pager, get_permission_page
from portal.permissions.presenters import (
    PermissionFilters,
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
    get_visible_catalog,
    list_findings,
    list_hidden_grant_ids,
    list_open_holds,
    list_row_policies,
    list_visible_catalogs,
)
from requests_app.review.column_holds import list_held_grants

PAGE_SIZE = 50
FINDINGS_PER_PAGE = 20
"""Shown at once above the lines; both are paged in the address."""


@require_GET
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    """Without `catalog`, the catalogs that the person may look at; with one, its permissions, or a file of them."""
    catalog = request.GET.get("catalog")
    if catalog is None:
        return _catalogs(request)
    if request.GET.get("format") == "csv":
        return _csv(request, catalog)
    return _catalog(request, catalog)


def _catalogs(request: HttpRequest) -> HttpResponse:
    found = list_visible_catalogs(get_signed_in_person(request))
    if len(found) == 1:
        return redirect(catalog_url(found[0].catalog.short_name))
    return render(
        request,
        "portal/permissions/catalogs.html",
        {"rows": build_catalog_rows(found, get_request_time(request))},
    )


def _catalog(request: HttpRequest, catalog: str) -> HttpResponse:
    """Filters and the page's number are in the address. The lines are fetched again while one is being removed."""
    person, now = get_signed_in_person(request), get_request_time(request)
    visible_catalog, asked = get_visible_catalog(person, catalog), PermissionFilters.from_query(request.GET)
    excerpt = asked.apply_to(visible_catalog)
    lines, start = get_permission_page(request.GET, excerpt, now, PAGE_SIZE)
    total = sum(lines.counts.values())
    found = Paginator(list_findings(visible_catalog), FINDINGS_PER_PAGE).get_page(request.GET.get("findings"))
    read_at = get_reading_time(visible_catalog.catalog)
    rows, holds = (
        build_permission_rows(person, visible_catalog, lines.permissions, read_at, now),
        list(list_open_holds(visible_catalog)),
    )
    policies = load_row_policies(visible_catalog.catalog)
    behind = [*(grant for row in rows for grant in row.grants), *list_held_grants(holds)]
    context = {
        "visible_catalog": visible_catalog,
        "filters": asked,
        "databases": list_databases(excerpt, now),
        "counts": build_standing_counts(lines.counts),
        "needs_attention": filter_attention_counts(lines.counts),
        "total": total,
        "rows": rows,
        "hidden_grant_ids": list_hidden_grant_ids(person, behind),
        "findings": build_finding_rows(visible_catalog, found, now),
        "findings_pager": build_pager(found, _remove_parameter(request, "findings"), parameter="findings"),
        "charts": [] if is_fragment_request(request) else build_drift_charts(visible_catalog, now),
        "holds": holds,
        "row_policies": list_row_policies(visible_catalog, policies),
        "unread_row_policies": policies.unread if policies.is_refused else "",
        "read_at": read_at,
        "is_reading_old": is_reading_too_old(read_at, now),
        "pager": build_cursor_pager(
            lines, start, lines.counts[asked.standing] if asked.standing else total, request.GET
        ),
    }
    return render_polled_page(
        request, "portal/permissions/catalog.html", "lines", context, content=rows,
        should_poll=any(row.state.is_changing for row in rows),
    )  # fmt: skip


def _remove_parameter(request: HttpRequest, name: str) -> str:
    """The query string without the parameter `name`."""
    query = request.GET.copy()
    query.pop(name, None)
    return query.urlencode()


def _csv(request: HttpRequest, catalog: str) -> HttpResponse:
    """Download the filtered permissions as CSV."""
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


@require_POST
@return_404_if_hidden
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the workers repair the finding now."""
    finding = repair_finding(
        acting_user=get_signed_in_person(request), finding_id=pk, now=get_request_time(request)
    )
    messages.success(request, _("Check requested. The workers do it next."))
    return redirect(catalog_url(finding.catalog.short_name))
