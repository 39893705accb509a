"""Schema updates: the page of one, and the decision on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from catalog.registrations.schema_updates.kind import SCHEMA_UPDATE
from decisions.queries import get_proposal
from portal.decisions.views import build_decide_view
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm
from portal.pages.signed_in_person import get_signed_in_person
from portal.registrations.schema_updates.presenters import build_schema_update_details

OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Approved. The table is being updated, and its consumers are notified."),
    "reject": gettext_lazy("Rejected. The table stays as it is."),
}


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    update = get_proposal(SCHEMA_UPDATE, person, pk)
    context = {"update": update, "details": build_schema_update_details(person, update), "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/registrations/schema_update.html", context, status=status)


decide = build_decide_view(SCHEMA_UPDATE, done=DONE, render_detail=_render_detail)
