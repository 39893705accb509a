"""Role changes as decisions: those that wait and those that are over, and the page of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from identity.departures import describe_vacancy
from identity.role_changes.kind import ROLE_CHANGE
from identity.role_changes.may import (
    is_governor,
    may_confirm_role_change,
    may_see_role_changes,
    may_withdraw_role_change,
)
from identity.role_changes.models import RoleChange
from identity.role_changes.queries import (
    filter_closed,
    filter_waiting,
    get_confirmation_status,
    list_role_changes,
)
from portal.decisions.declaration import STATUS, DecisionList, DecisionPage, get_decision_state
from portal.decisions.views import build_page_urls
from portal.lists.declaration import Column, EmptyState
from portal.lists.page import render_list
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.display_states.vocabulary import DisplayState

CELLS = "portal/role_changes/cells.html#"


@dataclass(frozen=True)
class WaitingRow:
    """`confirm_obstacle` says why the person may not confirm; `vacancy`, what nobody would decide."""

    change: RoleChange
    may_confirm: bool
    may_withdraw: bool
    confirm_obstacle: str
    vacancy: str
    effects_hash: str


@dataclass(frozen=True)
class ClosedRow:
    """`bars_until`: until then it bars the people who made it. `url` is empty for those whom changes only concern."""

    row: RoleChange
    state: DisplayState
    bars_until: datetime | None
    url: str


class RoleChangeList(DecisionList):
    """The role changes that were decided, took effect at once, or lapsed."""

    kind = ROLE_CHANGE
    template = "portal/role_changes/list.html"
    title = gettext_lazy("Role changes")
    lead = gettext_lazy(
        "Who can decide, govern and act in an account. One governor proposes a change and another confirms it; until then, nothing changes. For a week, neither of them takes part in decisions that depend on it."
    )
    panel_title = gettext_lazy("Decided")
    page_size = 30
    columns = (
        Column(gettext_lazy("Role change"), f"{CELLS}change", is_labelled=False),
        Column(gettext_lazy("By"), f"{CELLS}people"),
        STATUS,
        Column(gettext_lazy("Decided"), f"{CELLS}decided"),
    )
    empty = EmptyState(
        "check",
        gettext_lazy("Nothing was decided yet"),
        gettext_lazy("Role changes that a second governor confirmed or rejected appear here."),
    )

    def build_rows(self, rows: list[RoleChange]) -> list[ClosedRow]:
        has_pages = may_see_role_changes(self.person)
        return [
            ClosedRow(
                row,
                get_decision_state(self.kind, row, self.now),
                row.bars_until if row.bars_until and row.bars_until > self.now else None,
                reverse("role-change", args=[row.pk]) if has_pages else "",
            )
            for row in rows
        ]

    def list_rows(self) -> QuerySet[RoleChange]:
        """Also of those who only see the changes that concern them."""
        return filter_closed(list_role_changes(self.person), self.now)


class RoleChangePage(DecisionPage):
    kind = ROLE_CHANGE
    listing = RoleChangeList
    asked_template = "portal/role_changes/asked.html"
    approve_word = "confirm"
    approve_label = gettext_lazy("Confirm")
    comment_hint = gettext_lazy("optional")
    waiting_title = gettext_lazy("Waiting for a second governor")
    asked_title = gettext_lazy("What was proposed")
    requested_text = gettext_lazy("%(name)s proposed it")
    choose_text = gettext_lazy("Choose whether to confirm, reject or withdraw it.")
    done = {
        "confirm": gettext_lazy("Confirmed. The change is in effect."),
        "reject": gettext_lazy("Rejected. Nothing changes."),
        "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
    }

    heading_language = "en"

    def get_title(self, row: RoleChange) -> str:
        return (_("Role change of %(name)s") % {"name": row.person}) if row.person else _("Role change")

    def get_heading(self, row: RoleChange) -> str:
        what = row.what if row.is_addition else f"no longer {row.what}"
        return f"{row.person}: {what}" if row.person else what

    def build_context(self, row: RoleChange) -> Mapping[str, Any]:
        return {
            "vacancy": describe_vacancy(row) if row.is_waiting else "",
            "bars": row.bars_until is not None and row.bars_until > self.now,
        }


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Governors and auditors see all changes, other people only their own."""
    person, now = get_signed_in_person(request), get_request_time(request)
    governs = is_governor(person)
    waiting = []
    for change in filter_waiting(list_role_changes(person), now):
        verdict = may_confirm_role_change(person, change)
        row = WaitingRow(
            change=change,
            may_confirm=bool(verdict),
            may_withdraw=bool(may_withdraw_role_change(person, change)),
            confirm_obstacle=verdict.reason,
            vacancy=describe_vacancy(change),
            effects_hash=ROLE_CHANGE.compute_effects_hash(change),
        )
        waiting.append(row)
    context = {"waiting": waiting, "confirming": get_confirmation_status(now), "is_governor": governs}
    return render_list(request, RoleChangeList, context)


urlpatterns = build_page_urls(RoleChangePage, listing)
