"""Pages of the mesh: a section each, the grants behind a number, and tables as files."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kernel.queries import limit_rows
from portal.access.presenters import build_grant_rows
from portal.api.exports import csv_lines
from portal.mesh.sections import FIRST, SECTIONS, build_report, get_section
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.mesh.use_between_domains import list_live_grants

MAX_GRANTS = 100


@require_GET
@return_404_if_hidden
def section(request: HttpRequest, slug: str = FIRST) -> HttpResponse:
    person, found = get_signed_in_person(request), get_section(slug)
    context = {
        "section": found,
        "tabs": [(one.label, one.url, one is found) for one in SECTIONS],
        "content": found.build(person, get_request_time(request)),
    }
    return render(request, "portal/mesh/section.html", context)


@require_GET
@return_404_if_hidden
def report_file(request: HttpRequest, report: str) -> HttpResponse:
    """A table as CSV."""
    found = build_report(get_signed_in_person(request), report, get_request_time(request))
    headers = {"Content-Disposition": f'attachment; filename="mesh-{report}.csv"'}
    return HttpResponse(
        "".join(csv_lines(found.results)), content_type="text/csv; charset=utf-8", headers=headers
    )


@require_GET
def use_grants(request: HttpRequest) -> HttpResponse:
    """The live grants behind a number of the heat map: `team` uses them, `domain` answers for the data; empty for none."""
    person, now = get_signed_in_person(request), get_request_time(request)
    team, domain = parse_id(request.GET.get("team", "")), parse_id(request.GET.get("domain", ""))
    rows = list_live_grants(person, now).filter(item__request__team=team)
    rows = rows.filter(owner=domain) if domain else rows.filter(owner=None)
    found = list(limit_rows(rows, MAX_GRANTS + 1))
    context = {
        "rows": build_grant_rows(found[:MAX_GRANTS], person, now),
        "title": _("Grants of %(team)s") % {"team": found[0].item.request.team.name}
        if found
        else _("No grants"),
        "has_more": len(found) > MAX_GRANTS,
        "limit": MAX_GRANTS,
    }
    return render(request, "portal/mesh/grants.html", context)
