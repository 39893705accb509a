"""Sample rows of a table, and having it profiled."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.browse.tables import get_table
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import is_fragment_request, render_polled_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.samples.presenters import build_sample_view
from requests_app.data_queries.actions import request_profile, request_sample

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def sample_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """POST has a sample read by the role `principal`, or by the one that reads most. Rows are shown to who asked alone."""
    person = get_signed_in_person(request)
    refusal = ""
    if request.method == "POST":
        try:
            request_sample(
                acting_user=person,
                table_id=pk,
                principal=request.POST.get("principal") or None,
                now=get_request_time(request),
            )
        except RefusedError as error:
            refusal = error.message
        else:
            return redirect("table-sample-rows", pk)
    table = get_table(person, pk)
    view = build_sample_view(person, table, get_request_time(request))
    context: dict[str, Any] = {"table": table, "sample": view, "refusal": refusal, "is_own_page": True}
    if refusal and is_fragment_request(request):
        return render(request, "portal/samples/page.html#live", {**context, "poll_url": ""})
    if refusal:
        return render(request, "portal/samples/page.html", {**context, "poll_url": ""}, status=UNPROCESSABLE)
    return render_polled_page(
        request,
        "portal/samples/page.html",
        "live",
        context,
        content=view.polled_values,
        should_poll=view.is_waiting,
    )


@require_POST
@return_404_if_hidden
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the table profiled, and back to it."""
    try:
        request_profile(acting_user=get_signed_in_person(request), table_id=pk, now=get_request_time(request))
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Requested. The profile appears with the columns in a few minutes."))
    return redirect("table", pk)
