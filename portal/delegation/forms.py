"""The form for a delegation."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from identity.people.models import Membership
from portal.pages.forms import get_end_of_day


class DelegationForm(forms.Form):
    """`colleague` is a membership: a person and the team."""

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
    def period(self) -> dict[str, datetime]:
        """Of a valid form: from the start of the first day to the end of the last."""
        told = self.cleaned_data
        return {
            "starts_at": datetime.combine(told["starts_on"], time.min, tzinfo=UTC),
            "ends_at": get_end_of_day(told["ends_on"]),
        }
