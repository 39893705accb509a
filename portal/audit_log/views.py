"""The audit log, for auditors and governance admins."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.audit_log.events import AuditLogFilters, build_event_rows, list_events
from portal.audit_log.forms import AuditLogForm
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE = 50


@require_GET
@return_404_if_hidden
def audit_log(request: HttpRequest) -> HttpResponse:
    """Newest first; the filters and the cursor are in the query string."""
    form = AuditLogForm(request.GET)
    is_valid = form.is_valid()
    filters = form.filters if is_valid else AuditLogFilters()
    rows = list_events(get_signed_in_person(request), filters)
    before = form.cleaned_data.get("before") if is_valid else None
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: PAGE_SIZE + 1])
    context: dict[str, Any] = {
        "form": form,
        "rows": build_event_rows(found[:PAGE_SIZE]) if is_valid else [],
        "querystring": filters.querystring,
        "has_newer": before is not None,
        "older_before": found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE and is_valid else None,
        "is_filtered": bool(filters.querystring) or not is_valid,
    }
    return render(request, "portal/audit_log/list.html", context, status=200 if is_valid else 422)
