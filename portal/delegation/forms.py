"""Whom a data owner has decide for them, from which day until which."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from identity.people.models import Membership
from portal.pages.forms import end_of


class DelegationForm(forms.Form):
    """`colleague` is a membership: a person with the team for which they decide."""

    colleague = forms.ModelChoiceField(
        Membership.objects.none(),
        error_messages={
            "required": _("Choose a colleague."),
            "invalid_choice": _("This colleague is no longer there. Choose another."),
        },
    )
    starts_on = forms.DateField(
        error_messages={"required": _("Choose the first day."), "invalid": _("Enter a valid date.")}
    )
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )

    def __init__(self, *args: Any, colleagues: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["colleague"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = colleagues

    @property
    def times(self) -> dict[str, datetime]:
        """Of a valid form: from the first minute of the first day until the last of the last."""
        told = self.cleaned_data
        return {
            "starts_at": datetime.combine(told["starts_on"], time.min, tzinfo=UTC),
            "ends_at": end_of(told["ends_on"]),
        }
