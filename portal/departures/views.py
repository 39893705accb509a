"""Deactivate a person: what only they decide is listed first, and handed over in the same step."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from decisions.states import DecisionState
from identity.departures import (
    compute_duties_digest,
    deactivate_person,
    get_leaver,
    list_duties,
    list_other_dependencies,
    list_successor_candidates,
    may_deactivate_person,
)
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.places import place_page
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person

MAX_CHOICES = 500
OK, UNPROCESSABLE = 200, 422


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """GET warns; POST deactivates exactly with the list that was shown."""
    person = get_signed_in_person(request)
    leaver, refusal = get_leaver(person, pk), ""
    place_page(request, "role-changes", "domains")
    duties = list_duties(leaver)
    chosen = {duty.key: parse_id(request.POST.get(f"successor-{duty.key}", "")) for duty in duties}
    if request.method == "POST":
        try:
            changes = deactivate_person(
                acting_user=person,
                person_id=pk,
                shown=request.POST.get("shown", ""),
                now=get_request_time(request),
                successors={key: pk for key, pk in chosen.items() if pk is not None},
                accepts_vacancies=bool(request.POST.get("accepts_vacancies")),
            )
        except RefusedError as error:
            refusal = error.message
        else:
            messages.success(request, _("%(name)s can no longer sign in or decide.") % {"name": leaver.name})
            if sum(change.state == DecisionState.WAITING for change in changes):
                messages.warning(
                    request, _("The hand-over waits for a second governor. Until then, nobody decides.")
                )
            return redirect("person", pk)
    context = {
        "shown": leaver,
        "verdict": may_deactivate_person(person, leaver),
        "duties": [(duty, chosen[duty.key]) for duty in duties],
        "others": list_other_dependencies(leaver),
        "candidates": list(list_successor_candidates(leaver)[:MAX_CHOICES]) if duties else [],
        "digest": compute_duties_digest(duties),
        "refusal": refusal,
    }
    status = UNPROCESSABLE if refusal else OK
    return render(request, "portal/departures/deactivate.html", context, status=status)
