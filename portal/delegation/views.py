"""Delegate decisions to a colleague, and end a delegation."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import RefusedError
from portal.delegation.forms import DelegationForm
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.review.delegation.actions import MAX_DURATION, delegate_decisions, end_delegation
from requests_app.review.delegation.queries import list_delegate_candidates, list_own_delegations


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def delegations(request: HttpRequest) -> HttpResponse:
    """Current delegations, given and received; for data owners, the form for a new one."""
    person, now = get_signed_in_person(request), get_request_time(request)
    colleagues = list_delegate_candidates(person)
    form = DelegationForm(request.POST or None, colleagues=colleagues)
    if form.is_bound and form.is_valid() and _delegate(request, form):
        return redirect("delegations")
    context = {
        "form": form,
        "colleagues": colleagues,
        "delegations": list_own_delegations(person),
        "now": now,
        "today": f"{now:%Y-%m-%d}",
        "max_days": MAX_DURATION.days,
    }
    return render(request, "portal/delegation/list.html", context, status=422 if form.is_bound else 200)


@require_POST
@return_404_if_hidden
def end(request: HttpRequest, pk: int) -> HttpResponse:
    end_delegation(acting_user=get_signed_in_person(request), delegation_id=pk, now=get_request_time(request))
    messages.success(request, _("Delegation ended. Decisions made under it stay in effect."))
    return redirect("delegations")


def _delegate(request: HttpRequest, form: DelegationForm) -> bool:
    """False if the form has errors."""
    chosen = form.cleaned_data["colleague"]
    try:
        delegate_decisions(
            acting_user=get_signed_in_person(request),
            team=chosen.team,
            delegate=chosen.person,
            **form.period,
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error)
        return False
    messages.success(
        request, _("%(name)s will decide for you then and is notified.") % {"name": chosen.person.name}
    )
    return True
