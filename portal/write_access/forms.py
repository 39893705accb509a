"""The form of a write request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from identity.accounts.models import Principal
from portal.pages.forms import PageForm, get_end_of_day, set_choices
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.write_access.models import WriteVerb


class WriteRequestForm(PageForm):
    max_text_length = MAX_TEXT_LENGTH

    table = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": _("Choose a table."),
            "invalid_choice": _("This table no longer exists, or belongs to another domain. Choose another."),
        },
    )
    principal = forms.TypedChoiceField(
        coerce=int,
        error_messages={
            "required": _("Choose the role that will write."),
            "invalid_choice": _("This role no longer exists, or is in no producer account. Choose another."),
        },
    )
    verbs = forms.MultipleChoiceField(
        choices=WriteVerb.choices, error_messages={"required": _("Choose what the role may do.")}
    )
    purpose = forms.CharField(
        max_length=MAX_TEXT_LENGTH, error_messages={"required": _("Say what the role writes, and why.")}
    )
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )

    def __init__(
        self, data: Any, *, tables: Sequence[Table], writers: Sequence[Principal], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial={"verbs": [WriteVerb.INSERT], **initial})
        self.writers = {one.pk: one for one in writers}
        set_choices(self, "table", [("", str(_("choose"))), *((one.pk, str(one)) for one in tables)])
        set_choices(self, "principal", [(one.pk, str(one)) for one in writers])

    @property
    def selected_verbs(self) -> list[str]:
        """Also of an unbound form."""
        return [str(verb) for verb in self["verbs"].value() or ()]

    @property
    def ends_at(self) -> datetime:
        """The end of the day `ends_on`."""
        return get_end_of_day(self.cleaned_data["ends_on"])
