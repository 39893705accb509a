"""Changes of who may decide and govern: what waits for a second governor, and what came of the others."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from identity.errors import ForbiddenError, RefusedError
from identity.people.models import Person
from identity.role_changes.actions import confirm_role_change, reject_role_change, withdraw_role_change
from identity.role_changes.may import is_governor, may_confirm_role_change, may_withdraw_role_change
from identity.role_changes.models import RoleChange
from identity.role_changes.queries import changes_for, confirming_at, over_at, waiting_at
from identity.role_changes.states import RoleChangeState
from portal.pages.pagination import pager_of
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.display_states.vocabulary import Mark

A_PAGE = 30
VERBS = {
    "confirm": (confirm_role_change, gettext_lazy("Confirmed. The change is in effect.")),
    "reject": (reject_role_change, gettext_lazy("Rejected. Nothing changes.")),
    "withdraw": (withdraw_role_change, gettext_lazy("Withdrawn. Nothing changes.")),
}


@dataclass(frozen=True)
class WaitingRow:
    """A change with what this person may do; `why_not` says why they do not confirm it."""

    change: RoleChange
    may_confirm: bool
    may_withdraw: bool
    why_not: str


@dataclass(frozen=True)
class OverRow:
    change: RoleChange
    word: str
    mark: Mark
    bars: bool


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Governors and auditors see all; everybody else the changes that they were told of."""
    person, now = person_of(request), clock.now()
    rows = changes_for(person)
    page = Paginator(over_at(rows, now), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": [_waiting_row(person, change, now) for change in waiting_at(rows, now)],
        "over": [_over_row(change, now) for change in page],
        "confirming": confirming_at(now),
        "governs": is_governor(person),
        "pager": pager_of(page),
    }
    return render(request, "portal/role_changes/list.html", context)


@require_POST
@hides_what_is_not_yours
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the three verbs, by the button that was pressed."""
    verb, done = VERBS.get(request.POST.get("do", ""), (None, ""))
    if verb is None:
        messages.error(request, _("Choose whether to confirm, reject or withdraw it."))
        return redirect("role-changes")
    try:
        verb(acting_user=person_of(request), change_id=pk, now=clock.now())
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("role-changes")


def _waiting_row(person: Person, change: RoleChange, now: datetime) -> WaitingRow:
    verdict = may_confirm_role_change(person, change, now)
    return WaitingRow(
        change=change,
        may_confirm=bool(verdict),
        may_withdraw=bool(may_withdraw_role_change(person, change)),
        why_not=verdict.reason,
    )


def _over_row(change: RoleChange, now: datetime) -> OverRow:
    """What waits no more though nobody decided has expired, whether or not its row was closed by now."""
    state = RoleChangeState(change.state)
    if state == RoleChangeState.WAITING:
        state = RoleChangeState.EXPIRED
    words = {
        RoleChangeState.CONFIRMED: _("In effect at once") if change.at_once else _("Confirmed"),
        RoleChangeState.REJECTED: _("Rejected"),
        RoleChangeState.WITHDRAWN: _("Withdrawn"),
        RoleChangeState.EXPIRED: _("Expired"),
    }
    mark = Mark.YES if state == RoleChangeState.CONFIRMED else Mark.NO
    bars = change.bars_until is not None and change.bars_until > now
    return OverRow(change, words[state], mark, bars)
