"""Tables that were created again: the list, the page of one, and the decision on it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from identity.people.models import Person
from kernel import clock
from portal.pages.decisions import Action, answer_decision
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm
from portal.pages.pagination import build_pager
from portal.pages.places import place_page
from portal.pages.signed_in_person import get_signed_in_person
from portal.recreated_tables.presenters import RecreatedTableRow, build_recreated_table_details
from requests_app.recreated_tables.actions import end_recreated_table, keep_recreated_table
from requests_app.recreated_tables.queries import get_recreated_table, list_recreated_tables

PAGE_SIZE = 50
OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Kept. The workers grant the access again and read it back."),
    "end": gettext_lazy("Ended. The grants give no access any more."),
}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    rows = list_recreated_tables(get_signed_in_person(request))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"rows": [RecreatedTableRow(one) for one in page], "pager": build_pager(page)}
    return render(request, "portal/recreated_tables/list.html", context)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep or end the grants; what is refused is shown on the page again."""
    person = get_signed_in_person(request)
    get_recreated_table(person, pk)
    return answer_decision(
        request, "recreated-table", pk, done=DONE, build_actions=partial(_build_actions, person, pk), render=_render_detail,
        fields={"reason": "comment", "effects_hash": ""},
    )  # fmt: skip


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_recreated_table(person, pk)
    place_page(request, "reviews", "grants")
    context = {"recreated_table": row, "details": build_recreated_table_details(person, row), "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/recreated_tables/detail.html", context, status=status)


def _build_actions(person: Person, pk: int, said: Mapping[str, str]) -> Mapping[str, Action]:
    words: dict[str, Any] = {"acting_user": person, "recreated_table_id": pk, "now": clock.now()}
    return {
        "approve": partial(
            keep_recreated_table, **words, comment=said["comment"], effects_hash=said["effects_hash"]
        ),
        "end": partial(end_recreated_table, **words, reason=said["comment"]),
    }
