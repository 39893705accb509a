"""Delegate decisions to a colleague, and end a delegation."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from identity.people.models import Membership
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DateInput, PageForm, add_refusal, get_end_of_day
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.review.delegation.actions import MAX_DURATION, delegate_decisions, end_delegation
from requests_app.review.delegation.queries import list_delegate_candidates, list_own_delegations


class DelegateField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, membership: Any) -> str:
        return f"{membership.person.name}, {membership.team.name} ({membership.person.email})"


class DelegationForm(PageForm):
    """`colleague` is a membership: a person and the team."""

    colleague = DelegateField(
        Membership.objects.none(),
        label=gettext_lazy("Colleague"),
        empty_label=gettext_lazy("choose"),
        error_messages={
            "required": gettext_lazy("Choose a colleague."),
            "invalid_choice": gettext_lazy("This colleague is no longer there. Choose another."),
        },
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"),
        widget=DateInput(),
        error_messages={
            "required": gettext_lazy("Choose the first day."),
            "invalid": gettext_lazy("Enter a valid date."),
        },
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DateInput(),
        error_messages={
            "required": gettext_lazy("Choose the last day."),
            "invalid": gettext_lazy("Enter a valid date."),
        },
    )

    def __init__(self, *args: Any, colleagues: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["colleague"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues
        self.fields["ends_on"].help_text = _("%(max_days)s days at most") % {"max_days": MAX_DURATION.days}

    @property
    def period(self) -> dict[str, datetime]:
        """The period of a valid form: from the start of the first day to the end of the last."""
        told = self.cleaned_data
        return {
            "starts_at": datetime.combine(told["starts_on"], time.min, tzinfo=UTC),
            "ends_at": get_end_of_day(told["ends_on"]),
        }


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def delegations(request: HttpRequest) -> HttpResponse:
    """Current delegations, given and received; for data owners, the form for a new one."""
    person, now = get_signed_in_person(request), get_request_time(request)
    colleagues = list_delegate_candidates(person)
    form = DelegationForm(request.POST or None, initial={"starts_on": now.date()}, colleagues=colleagues)
    if form.is_bound and form.is_valid() and _delegate(request, form):
        return redirect("delegations")
    context = {
        "form": form,
        "colleagues": colleagues,
        "delegations": list_own_delegations(person),
        "now": now,
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
