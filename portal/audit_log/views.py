"""The audit log: who did what, read by auditors and governance admins."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.audit_log.events import Filters, events_for, shown
from portal.audit_log.forms import AuditLogForm
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of

A_PAGE = 50


@require_GET
@hides_what_is_not_yours
def audit_log(request: HttpRequest) -> HttpResponse:
    """Newest first; filters, and the event before which the page begins, are in the address."""
    form = AuditLogForm(request.GET)
    is_valid = form.is_valid()
    filters = form.filters if is_valid else Filters()
    rows = events_for(person_of(request), filters)
    before = form.cleaned_data.get("before") if is_valid else None
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: A_PAGE + 1])
    context: dict[str, Any] = {
        "form": form,
        "rows": shown(found[:A_PAGE]) if is_valid else [],
        "address": filters.address,
        "newest": before is not None,
        "older": found[A_PAGE - 1].pk if len(found) > A_PAGE and is_valid else None,
        "is_filtered": bool(filters.address) or not is_valid,
    }
    return render(request, "portal/audit_log/list.html", context, status=200 if is_valid else 422)
