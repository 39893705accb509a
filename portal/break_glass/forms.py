"""Forms for consents and sessions."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts.models import Principal
from identity.people.models import Person
from portal.pages.forms import KeyedForm, get_end_of_day
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.break_glass.models import MAX_HOURS


class ConsentForm(KeyedForm):
    """Tables of the domain. `columns` has a line for each table that is only partly covered."""

    max_text_length = MAX_TEXT_LENGTH
    hours_limit = MAX_HOURS

    named_person = forms.ModelChoiceField(
        Person.objects.filter(is_active=True), error_messages={"required": _("Choose who can open access.")}
    )
    second_person = forms.ModelChoiceField(
        Person.objects.filter(is_active=True), error_messages={"required": _("Choose who confirms.")}
    )
    principal = forms.ModelChoiceField(
        Principal.objects.filter(gone_at=None, is_portal=False),
        error_messages={"required": _("Choose the role that reads the data.")},
    )
    tables = forms.ModelMultipleChoiceField(
        Table.objects.none(), error_messages={"required": _("Choose at least one table.")}
    )
    columns = forms.CharField(required=False)
    max_hours = forms.IntegerField(min_value=1, max_value=MAX_HOURS)
    expires_at = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )
    reason = forms.CharField(error_messages={"required": _("Say what the consent is for.")})

    def __init__(self, *args: Any, domain: Domain, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tables"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        mine = Table.objects.filter(database__domain=domain, tombstoned_at=None)
        field.queryset = mine.select_related("database").order_by("database__name", "name")

    def clean_columns(self) -> dict[int, list[str]]:
        """By the table's id."""
        chosen = {str(table): table.pk for table in self.cleaned_data.get("tables", ())}
        found = {}
        for line in filter(str.strip, self.cleaned_data["columns"].splitlines()):
            table, colon, names = (part.strip() for part in line.partition(":"))
            if not colon or table not in chosen:
                words = _("“%(line)s” does not start with one of the selected tables and a colon.")
                raise forms.ValidationError(words % {"line": line.strip()})
            found[chosen[table]] = [name.strip() for name in names.split(",") if name.strip()]
        return found

    @property
    def arguments(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        expires_at: datetime = get_end_of_day(said.pop("expires_at"))
        return {**said, "tables": list(said["tables"]), "expires_at": expires_at}


class OpenSessionForm(KeyedForm):
    max_text_length = MAX_TEXT_LENGTH

    hours = forms.IntegerField(min_value=1, max_value=MAX_HOURS)
    reason = forms.CharField(error_messages={"required": _("Say in one sentence what happened.")})
