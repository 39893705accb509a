"""The form of a registration."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.products.models import Domain
from catalog.registrations.content import (
    MAX_COLUMNS,
    MAX_LOCATION_LENGTH,
    MAX_NAME_LENGTH,
    MAX_TEXT_LENGTH,
    RegistrationContent,
    parse_column_lines,
)
from catalog.registrations.models import Registration
from identity.accounts import ConnectedCatalog, Principal
from kernel.errors import RefusedError
from portal.pages.forms import PageForm, set_choices

MAX_LINES_LENGTH = MAX_COLUMNS * 200


class ColumnLinesField(forms.CharField):
    """Columns, one a line: name, type, comment. A tuple of columns."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_column_lines(text)
        except RefusedError as error:
            raise forms.ValidationError(error.message) from error


class RegistrationForm(PageForm):
    max_lengths = {
        "database": MAX_NAME_LENGTH,
        "table": MAX_NAME_LENGTH,
        "location": MAX_LOCATION_LENGTH,
        "text": MAX_TEXT_LENGTH,
        "lines": MAX_LINES_LENGTH,
    }

    domain = forms.TypedChoiceField(
        label=_("Domain"), coerce=int, error_messages={"required": _("Choose a domain.")}
    )
    catalog = forms.TypedChoiceField(
        label=_("Governance catalog"),
        coerce=int,
        error_messages={"required": _("Choose a governance catalog.")},
    )
    engineer = forms.TypedChoiceField(
        label=_("Engineers' role"),
        help_text=_("of a producer account of your team; it can write to the table"),
        coerce=int,
        error_messages={"required": _("Choose a role of a producer account.")},
    )
    database = forms.CharField(
        label=_("Database"),
        help_text=_("lower-case letters, digits and underscores"),
        widget=forms.TextInput(attrs={"class": "mono"}),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": _("Enter the name of the database.")},
    )
    table = forms.CharField(
        label=_("Table"),
        widget=forms.TextInput(attrs={"class": "mono"}),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": _("Enter the name of the table.")},
    )
    location = forms.CharField(
        label=_("Location"),
        help_text=_("such as s3://bucket/folder/, in the account's gold location"),
        widget=forms.TextInput(attrs={"class": "mono"}),
        max_length=MAX_LOCATION_LENGTH,
        error_messages={"required": _("Enter an S3 folder, such as s3://bucket/folder/.")},
    )
    data_format = forms.ChoiceField(label=_("Data format"), choices=Registration.DataFormat.choices)
    columns = ColumnLinesField(
        max_length=MAX_LINES_LENGTH, error_messages={"required": _("Enter at least one column.")}
    )
    partition_keys = ColumnLinesField(required=False, max_length=MAX_LINES_LENGTH)
    description = forms.CharField(
        label=_("Description"),
        help_text=_("optional"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        required=False,
        max_length=MAX_TEXT_LENGTH,
    )
    purpose = forms.CharField(
        label=_("Why you register it"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        max_length=MAX_TEXT_LENGTH,
        error_messages={"required": _("Say why you register the table.")},
    )
    exception_reason = forms.CharField(
        label=_("Reason for another location"),
        help_text=_("only outside the gold location; a governance admin decides on it"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        required=False,
        max_length=MAX_TEXT_LENGTH,
    )

    def __init__(
        self,
        data: Any,
        *,
        domains: Sequence[Domain],
        catalogs: Sequence[ConnectedCatalog],
        engineers: Sequence[Principal],
        source: Mapping[str, str],
    ) -> None:
        super().__init__(data, initial={"data_format": Registration.DataFormat.PARQUET, **source})
        self.accounts = {engineer.pk: engineer.account_id for engineer in engineers}
        set_choices(self, "domain", [(domain.pk, domain.name) for domain in domains])
        set_choices(self, "catalog", [(catalog.pk, str(catalog)) for catalog in catalogs])
        set_choices(self, "engineer", [(engineer.pk, str(engineer)) for engineer in engineers])

    def build_content(self) -> RegistrationContent:
        said = self.cleaned_data
        return RegistrationContent(producer=self.accounts[said["engineer"]], **said)
