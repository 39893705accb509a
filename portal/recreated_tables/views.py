"""Tables that were created again: the list, the page of one, and the decision on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from identity.people.models import Person
from kernel import clock
from kernel.verdicts import Verdict
from portal.pages.decisions import Action, answer_decision
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm
from portal.pages.places import place_page
from portal.pages.signed_in_person import get_signed_in_person
from portal.products.schema_history import HistoryLine, build_history_line
from portal.recreated_tables.lists import RecreatedTableRow
from requests_app.grants.models import Grant
from requests_app.recreated_tables.actions import end_recreated_table, keep_recreated_table
from requests_app.recreated_tables.comparison import Comparison
from requests_app.recreated_tables.may import may_keep_grant, may_keep_recreated_table
from requests_app.recreated_tables.queries import (
    compare_left_grants,
    get_recreated_table,
    list_kept_grants,
)
from requests_app.recreated_tables.states import RecreatedTableState

OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Kept. The workers grant the access again and read it back."),
    "end": gettext_lazy("Ended. The grants give no access any more."),
}


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
        request,
        "recreated-table",
        pk,
        done=DONE,
        build_actions=partial(_build_actions, person, pk),
        render=_render_detail,
        fields={"reason": "comment", "effects_hash": ""},
    )


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_recreated_table(person, pk)
    place_page(request, "reviews", "grants")
    is_open = row.state == RecreatedTableState.OPEN
    comparison = compare_left_grants(row) if is_open else None
    is_decider = bool(may_keep_recreated_table(person, row))
    rows = []
    for grant in comparison.grants if comparison else ():
        verdict = may_keep_grant(person, grant.grant, row.table) if is_decider else None
        refused = (verdict.reason,) if verdict is not None and not verdict else ()
        rows.append(GrantRow(grant.grant, grant.obstacles, (*grant.blockers, *refused)))
    details = RecreatedTableDetails(
        row=RecreatedTableRow(row),
        comparison=comparison,
        differences=tuple(
            build_history_line(change.to_json()) for change in (comparison.changes if comparison else ())
        ),
        keepable=tuple(one for one in rows if not (one.obstacles or one.waits)),
        differing=tuple(one for one in rows if one.obstacles and not one.waits),
        waiting=tuple(one for one in rows if one.waits),
        kept=tuple(list_kept_grants(row)),
        may_decide=may_keep_recreated_table(person, row),
    )
    context = {"recreated_table": row, "details": details, "form": form}
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


@dataclass(frozen=True)
class GrantRow:
    """A grant in an open decision. `obstacles`: it ends when the others are kept; `waits`: why it stays undecided."""

    grant: Grant
    obstacles: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecreatedTableDetails:
    """`kept` has grants that are bound to the table already."""

    row: RecreatedTableRow
    comparison: Comparison | None
    differences: tuple[HistoryLine, ...]
    keepable: tuple[GrantRow, ...]
    differing: tuple[GrantRow, ...]
    waiting: tuple[GrantRow, ...]
    kept: tuple[Grant, ...]
    may_decide: Verdict

    @property
    def is_open(self) -> bool:
        return self.comparison is not None

    @property
    def grant_count(self) -> int:
        return len(self.keepable) + len(self.differing) + len(self.waiting)
