"""The form to connect an account."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.accounts.models import Account
from identity.connections.registration import AccountProposal, check_account_id, check_region
from identity.keys import normalize_account_id
from identity.people.models import Team
from kernel.errors import RefusedError
from portal.pages.forms import PageForm

GRANTING, RECEIVING = "grants", "receives"


class ConnectForm(PageForm):
    hidden_field_names = frozenset({"kind", "environment"})

    account_id = forms.CharField(
        max_length=20, error_messages={"required": _("Enter the twelve digits of the account.")}
    )
    name = forms.CharField(max_length=120, error_messages={"required": _("Enter a name that people know.")})
    region = forms.CharField(max_length=30, error_messages={"required": _("Choose the region for links.")})
    team = forms.ModelChoiceField(
        Team.objects.none(), error_messages={"required": _("Choose the responsible team.")}
    )
    kind = forms.ChoiceField(choices=[(RECEIVING, RECEIVING), (GRANTING, GRANTING)])
    in_organisation = forms.BooleanField(required=False)
    environment = forms.ChoiceField(choices=Account.Environment.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Team.objects.order_by("name")

    def clean_account_id(self) -> str:
        """Without the spaces and dashes by which people group the digits."""
        return _validate(normalize_account_id(self.cleaned_data["account_id"]), check_account_id)

    def clean_region(self) -> str:
        return _validate(self.cleaned_data["region"].strip().lower(), check_region)

    @property
    def proposal(self) -> AccountProposal:
        """Of a valid form."""
        told = self.cleaned_data
        return AccountProposal(
            account_id=told["account_id"],
            name=told["name"].strip(),
            region=told["region"],
            team_id=told["team"].pk,
            grants=told["kind"] == GRANTING,
            in_organisation=told["in_organisation"],
            environment=told["environment"],
        )


def _validate(value: str, refuse: Callable[[str], None]) -> str:
    """Validate in the form, so that all errors appear at once; the action raises only the first."""
    try:
        refuse(value)
    except RefusedError as error:
        raise forms.ValidationError(error.message) from error
    return value
