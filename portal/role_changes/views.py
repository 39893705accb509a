"""Role changes: pending ones, past ones, and decisions by a second governor."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from identity.departures import describe_vacancy
from identity.people.models import Person
from identity.role_changes.actions import confirm_role_change, reject_role_change, withdraw_role_change
from identity.role_changes.may import is_governor, may_confirm_role_change, may_withdraw_role_change
from identity.role_changes.models import RoleChange
from identity.role_changes.queries import (
    filter_closed,
    filter_waiting,
    get_confirmation_status,
    list_role_changes,
)
from identity.role_changes.states import RoleChangeState
from kernel.errors import ForbiddenError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import ROLE_CHANGE_STATES

PAGE_SIZE = 30
ACTIONS = {
    "confirm": (confirm_role_change, gettext_lazy("Confirmed. The change is in effect.")),
    "reject": (reject_role_change, gettext_lazy("Rejected. Nothing changes.")),
    "withdraw": (withdraw_role_change, gettext_lazy("Withdrawn. Nothing changes.")),
}


@dataclass(frozen=True)
class WaitingRow:
    """`confirm_obstacle` says why the person may not confirm; `vacancy`, what nobody would decide."""

    change: RoleChange
    may_confirm: bool
    may_withdraw: bool
    confirm_obstacle: str
    vacancy: str


@dataclass(frozen=True)
class ClosedRow:
    change: RoleChange
    state: DisplayState
    bars_new_changes: bool


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Governors and auditors see all changes, other people only their own."""
    person, now = get_signed_in_person(request), get_request_time(request)
    rows = list_role_changes(person)
    page = Paginator(filter_closed(rows, now), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "waiting": [_build_waiting_row(person, change) for change in filter_waiting(rows, now)],
        "closed": [_build_closed_row(change, now) for change in page],
        "confirming": get_confirmation_status(now),
        "is_governor": is_governor(person),
        "pager": build_pager(page),
    }
    return render(request, "portal/role_changes/list.html", context)


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, reject or withdraw, by the value of `do`."""
    action, done = ACTIONS.get(request.POST.get("do", ""), (None, ""))
    if action is None:
        messages.error(request, _("Choose whether to confirm, reject or withdraw it."))
        return redirect("role-changes")
    try:
        action(acting_user=get_signed_in_person(request), change_id=pk, now=get_request_time(request))
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("role-changes")


def _build_waiting_row(person: Person, change: RoleChange) -> WaitingRow:
    verdict = may_confirm_role_change(person, change)
    return WaitingRow(
        change=change,
        may_confirm=bool(verdict),
        may_withdraw=bool(may_withdraw_role_change(person, change)),
        confirm_obstacle=verdict.reason,
        vacancy=describe_vacancy(change),
    )


def _build_closed_row(change: RoleChange, now: datetime) -> ClosedRow:
    """An overdue change counts as expired, even if its row is still open."""
    state = RoleChangeState(change.state)
    if state == RoleChangeState.WAITING:
        state = RoleChangeState.EXPIRED
    bars = change.bars_until is not None and change.bars_until > now
    return ClosedRow(change, ROLE_CHANGE_STATES[state], bars)
