"""The form to adopt a permission."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.people.models import Person
from portal.pages.forms import PageForm, get_end_of_day
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH

DEFAULT_DAYS = 180


class AdoptForm(PageForm):
    """`effects_hash` is that of what the page showed."""

    hidden_field_names = frozenset({"effects_hash"})
    max_text_length = MAX_TEXT_LENGTH

    owner = forms.ModelChoiceField(
        Person.objects.none(), error_messages={"required": _("Choose who is responsible for it.")}
    )
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )
    reason = forms.CharField(error_messages={"required": _("Say in one sentence what it is needed for.")})
    effects_hash = forms.CharField(max_length=64)

    def __init__(self, *args: Any, owners: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = owners

    @property
    def ends_at(self) -> datetime:
        """The last second of the selected day."""
        return get_end_of_day(self.cleaned_data["ends_on"])


def get_default_end(now: datetime) -> str:
    """The default end date in ISO format."""
    return timezone.localdate(now + timedelta(days=DEFAULT_DAYS)).isoformat()
