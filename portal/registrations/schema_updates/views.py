"""Schema updates: the page of one, and the decision on it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from catalog.registrations.schema_updates.actions import approve_schema_update, reject_schema_update
from catalog.registrations.schema_updates.queries import get_schema_update
from identity.people.models import Person
from kernel import clock
from portal.pages.decisions import Action, answer_decision
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


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject; what is refused is shown on the page again."""
    person = get_signed_in_person(request)
    get_schema_update(person, pk)
    return answer_decision(
        request,
        "schema-update",
        pk,
        done=DONE,
        build_actions=partial(_build_actions, person, pk),
        render=_render_detail,
        fields={"reason": "comment", "effects_hash": ""},
    )


def _build_actions(person: Person, pk: int, said: Mapping[str, str]) -> Mapping[str, Action]:
    words: dict[str, Any] = {"acting_user": person, "update_id": pk, "now": clock.now()}
    return {
        "approve": partial(
            approve_schema_update, **words, comment=said["comment"], effects_hash=said["effects_hash"]
        ),
        "reject": partial(reject_schema_update, **words, reason=said["comment"]),
    }


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    update = get_schema_update(person, pk)
    context = {"update": update, "details": build_schema_update_details(person, update), "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/registrations/schema_update.html", context, status=status)
