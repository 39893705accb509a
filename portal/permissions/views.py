"""The ledger of a catalog: every permission in AWS and how it stands to what was agreed here."""

import csv

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from fulfilment.ledger.queries import databases_in, every_line
from fulfilment.observations.reading_age import is_too_old
from portal.pages.pagination import pager_of
from portal.pages.partials import polled
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.permissions.pagination import page_at, pager_by_key
from portal.permissions.presenters import (
    Asked,
    attention_in,
    catalog_url,
    counted,
    csv_rows,
    findings_shown,
    ledgers_shown,
    shown,
)
from requests_app.permissions.actions import repair_finding
from requests_app.permissions.permission_states import get_reading_time
from requests_app.permissions.queries import (
    get_visible_catalog,
    list_findings,
    list_hidden_grant_ids,
    list_open_holds,
    list_visible_catalogs,
)
from requests_app.review.column_holds import list_held_grants

A_PAGE = 50
FINDINGS = 20
"""Shown at once above the lines; both are paged in the address."""


@require_GET
@hides_what_is_not_yours
def listing(request: HttpRequest) -> HttpResponse:
    """Without `catalog`, the catalogs that the person may look at; with one, its permissions, or a file of them."""
    catalog = request.GET.get("catalog")
    if catalog is None:
        return _catalogs(request)
    if request.GET.get("format") == "csv":
        return _csv(request, catalog)
    return _catalog(request, catalog)


def _catalogs(request: HttpRequest) -> HttpResponse:
    found = list_visible_catalogs(person_of(request))
    if len(found) == 1:
        return redirect(catalog_url(found[0].catalog.short_name))
    return render(request, "portal/permissions/catalogs.html", {"rows": ledgers_shown(found, clock.now())})


def _catalog(request: HttpRequest, catalog: str) -> HttpResponse:
    """Filters and the page's number are in the address. The lines are fetched again while one is being removed."""
    person, now = person_of(request), clock.now()
    ledger, asked = get_visible_catalog(person, catalog), Asked.read(request.GET)
    excerpt = asked.of(ledger)
    lines, start = page_at(request.GET, excerpt, now, A_PAGE)
    total = sum(lines.counts.values())
    found = Paginator(list_findings(ledger), FINDINGS).get_page(request.GET.get("findings"))
    read_at = get_reading_time(ledger.catalog)
    rows, holds = shown(person, ledger, lines.lines, read_at, now), list(list_open_holds(ledger))
    behind = [*(grant for row in rows for grant in row.grants), *list_held_grants(holds)]
    context = {
        "ledger": ledger,
        "asked": asked,
        "databases": databases_in(excerpt, now),
        "counts": counted(lines.counts),
        "needs_attention": attention_in(lines.counts),
        "total": total,
        "rows": rows,
        "shut": list_hidden_grant_ids(person, behind),
        "findings": findings_shown(ledger, found, now),
        "findings_pager": pager_of(found, _but(request, "findings"), name="findings"),
        "holds": holds,
        "read_at": read_at,
        "is_old": is_too_old(read_at, now),
        "pager": pager_by_key(
            lines, start, lines.counts[asked.standing] if asked.standing else total, request.GET
        ),
    }
    return polled(
        request, "portal/permissions/catalog.html", "lines", context, shown=rows,
        is_moving=any(row.state.is_moving for row in rows),
    )  # fmt: skip


def _but(request: HttpRequest, name: str) -> str:
    """The query string without one of its parts."""
    query = request.GET.copy()
    query.pop(name, None)
    return query.urlencode()


def _csv(request: HttpRequest, catalog: str) -> HttpResponse:
    """The lines that the filters leave, as a file to keep."""
    ledger = get_visible_catalog(person_of(request), catalog)
    lines = every_line(Asked.read(request.GET).of(ledger), clock.now())
    disposition = f'attachment; filename="permissions-{ledger.catalog.short_name}.csv"'
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )
    csv.writer(answer).writerows(csv_rows(lines))
    return answer


@require_POST
@hides_what_is_not_yours
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at once."""
    finding = repair_finding(acting_user=person_of(request), finding_id=pk, now=clock.now())
    messages.success(request, _("Check requested. The workers do it next."))
    return redirect(catalog_url(finding.catalog.short_name))
