"""Having a colleague decide for oneself for a while, and ending it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from identity.errors import RefusedError
from portal.delegation.forms import DelegationForm
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.review.delegation.actions import MAX_DURATION, delegate_decisions, end_delegation
from requests_app.review.delegation.queries import list_delegate_candidates, list_own_delegations


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def delegations(request: HttpRequest) -> HttpResponse:
    """Those given and received that have not ended; for data owners the form for another."""
    person, now = person_of(request), clock.now()
    colleagues = list_delegate_candidates(person)
    form = DelegationForm(request.POST or None, colleagues=colleagues)
    if form.is_bound and form.is_valid() and _given(request, form):
        return redirect("delegations")
    context = {
        "form": form,
        "colleagues": colleagues,
        "delegations": list_own_delegations(person),
        "now": now,
        "today": f"{now:%Y-%m-%d}",
        "longest": MAX_DURATION.days,
    }
    return render(request, "portal/delegation/list.html", context, status=422 if form.is_bound else 200)


@require_POST
@hides_what_is_not_yours
def end(request: HttpRequest, pk: int) -> HttpResponse:
    end_delegation(acting_user=person_of(request), delegation_id=pk, now=clock.now())
    messages.success(request, _("Delegation ended. Decisions made under it stay in effect."))
    return redirect("delegations")


def _given(request: HttpRequest, form: DelegationForm) -> bool:
    """Whether it stands; if not, the form says why."""
    chosen = form.cleaned_data["colleague"]
    try:
        delegate_decisions(
            acting_user=person_of(request),
            team=chosen.team,
            delegate=chosen.person,
            **form.times,
            now=clock.now(),
        )
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    messages.success(
        request, _("%(name)s will decide for you then and is notified.") % {"name": chosen.person.name}
    )
    return True
