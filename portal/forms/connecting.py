"""What a governance admin says of an account that is to join the mesh."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.connecting import Proposal
from identity.models import Account, Team
from portal.forms.keyed import PageForm

GRANTS, RECEIVES = "grants", "receives"


class ConnectForm(PageForm):
    unseen = frozenset({"kind", "environment"})

    account_id = forms.CharField(
        max_length=20, error_messages={"required": _("Say which account: its twelve digits.")}
    )
    name = forms.CharField(
        max_length=120, error_messages={"required": _("Give the account a name that people know.")}
    )
    region = forms.CharField(
        max_length=30, error_messages={"required": _("Say in which region links are made.")}
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), error_messages={"required": _("Choose the team that answers for the account.")}
    )
    kind = forms.ChoiceField(choices=[(RECEIVES, RECEIVES), (GRANTS, GRANTS)])
    in_organisation = forms.BooleanField(required=False)
    environment = forms.ChoiceField(choices=Account.Environment.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Team.objects.order_by("name")

    @property
    def proposal(self) -> Proposal:
        """Of a valid form."""
        told = self.cleaned_data
        return Proposal(
            account_id="".join(told["account_id"].split()).replace("-", ""),
            name=told["name"].strip(),
            region=told["region"].strip().lower(),
            team_id=told["team"].pk,
            grants=told["kind"] == GRANTS,
            in_organisation=told["in_organisation"],
            environment=told["environment"],
        )
