"""The form for a new service token."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.people.models import Team
from identity.service_tokens.actions import MAX_NAME_LENGTH
from identity.service_tokens.models import TokenScope
from portal.pages.forms import PageForm, set_choices

NAME_IT = _("Name the service, with at most 120 characters.")
CHOOSE_TEAM = _("Choose a team.")
CHOOSE_SCOPES = _("Choose what the token may do.")


class ServiceTokenForm(PageForm):
    team = forms.TypedChoiceField(
        coerce=int, error_messages={"required": CHOOSE_TEAM, "invalid_choice": CHOOSE_TEAM}
    )
    name = forms.CharField(
        max_length=MAX_NAME_LENGTH, error_messages={"required": NAME_IT, "max_length": NAME_IT}
    )
    scopes = forms.MultipleChoiceField(
        choices=TokenScope.choices,
        error_messages={"required": CHOOSE_SCOPES, "invalid_choice": CHOOSE_SCOPES},
    )
    expires_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )

    def __init__(self, data: Any, teams: Iterable[Team]) -> None:
        super().__init__(data)
        set_choices(self, "team", [(team.pk, team.name) for team in teams])
