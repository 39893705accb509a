"""Schema updates: the page of one, and the decision on it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from catalog.registrations.schema_updates.actions import approve_schema_update, reject_schema_update
from catalog.registrations.schema_updates.queries import get_schema_update
from identity.errors import RefusedError
from identity.people.models import Person
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, run_decision
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person
from portal.registrations.schema_updates.presenters import build_schema_update_details

OK, UNPROCESSABLE = 200, 422
APPROVE, REJECT = "approve", "reject"


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject; what is refused is shown on the page again."""
    person, form = get_signed_in_person(request), DecisionForm(request.POST)
    get_schema_update(person, pk)
    do = get_action(request, APPROVE, REJECT)
    if run_decision(form, lambda: _run(do, person, pk, form.cleaned_data), reason="comment", effects_hash=""):
        done = _("Approved. The table is being updated, and its consumers are notified.")
        messages.success(request, done if do == APPROVE else _("Rejected. The table stays as it is."))
        return redirect("schema-update", pk)
    return _render_detail(request, pk, form)


def _run(do: str, person: Person, pk: int, said: dict[str, Any]) -> None:
    words: dict[str, Any] = {"acting_user": person, "update_id": pk, "now": clock.now()}
    if do == APPROVE:
        approve_schema_update(**words, comment=said["comment"], effects_hash=said["effects_hash"])
    elif do == REJECT:
        reject_schema_update(**words, reason=said["comment"])
    else:
        raise RefusedError(_("Choose what to do."))


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    update = get_schema_update(person, pk)
    context = {"update": update, "details": build_schema_update_details(person, update), "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/registrations/schema_update.html", context, status=status)
