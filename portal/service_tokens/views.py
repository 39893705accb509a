"""Service tokens: the list with the form for a new one, whose secret the answer shows once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from identity.people.models import Team
from identity.service_tokens import (
    MAX_DAYS,
    MAX_NAME_LENGTH,
    NewToken,
    TokenScope,
    create_service_token,
    revoke_service_token,
    token_teams,
)
from kernel.errors import IllegalTransitionError, RefusedError
from portal.lists.page import render_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DateInput, PageForm, add_refusal, get_end_of_day, set_choices
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.service_tokens.lists import ServiceTokenList

NAME_IT = gettext_lazy("Name the service, with at most 120 characters.")
CHOOSE_TEAM = gettext_lazy("Choose a team.")
CHOOSE_SCOPES = gettext_lazy("Choose what the token may do.")
USUAL_DAYS = 90
CREATED, UNPROCESSABLE, OK = 201, 422, 200


format_html_lazy = lazy(format_html, str)


class ServiceTokenForm(PageForm):
    team = forms.TypedChoiceField(
        label=gettext_lazy("Team"),
        coerce=int,
        error_messages={"required": CHOOSE_TEAM, "invalid_choice": CHOOSE_TEAM},
    )
    name = forms.CharField(
        label=gettext_lazy("Service"),
        help_text=gettext_lazy("such as the name of the pipeline"),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": NAME_IT, "max_length": NAME_IT},
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("The token may"),
        choices=[
            (value, format_html_lazy('{} <code class="muted small">{}</code>', label, value))
            for value, label in TokenScope.choices
        ],
        initial=TokenScope.values[:1],
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": CHOOSE_SCOPES, "invalid_choice": CHOOSE_SCOPES},
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DateInput(),
        error_messages={
            "required": gettext_lazy("Choose the last day."),
            "invalid": gettext_lazy("Enter a valid date."),
        },
    )

    def __init__(self, data: Any, teams: Iterable[Team], now: datetime) -> None:
        super().__init__(data, initial={"expires_on": (now + timedelta(days=USUAL_DAYS)).date()})
        self.fields["expires_on"].help_text = _("%(max_days)s days at most") % {"max_days": MAX_DAYS}
        set_choices(self, "team", [(team.pk, team.name) for team in teams])


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    """A new token's secret is in the answer to the POST, and nowhere afterwards."""
    person, now = get_signed_in_person(request), get_request_time(request)
    teams = list(token_teams(person))
    form = ServiceTokenForm(request.POST if request.method == "POST" else None, teams, now)
    made = _create(request, form) if form.is_bound and form.is_valid() else None
    context = {
        "form": ServiceTokenForm(None, teams, now) if made else form,
        "made": made,
        "teams": teams,
    }
    status = CREATED if made else UNPROCESSABLE if form.is_bound else OK
    return render_list(request, ServiceTokenList, context, status=status)


@require_POST
@return_404_if_hidden
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        revoke_service_token(
            acting_user=get_signed_in_person(request), token_id=pk, now=get_request_time(request)
        )
    except IllegalTransitionError:
        messages.info(request, _("This token is already revoked."))
    else:
        messages.success(request, _("Token revoked. Calls with it are refused from now on."))
    return redirect("tokens")


def _create(request: HttpRequest, form: ServiceTokenForm) -> NewToken | None:
    """None if it is refused."""
    told = form.cleaned_data
    try:
        return create_service_token(
            acting_user=get_signed_in_person(request),
            team_id=told["team"],
            name=told["name"],
            scopes=told["scopes"],
            expires_at=get_end_of_day(told["expires_on"]),
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error, expires_at="expires_on")
        return None
