"""Request forms for one table and for many tables."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.products.offers.models import DataUse
from kernel.errors import RefusedError
from lakeformation.values.row_filters import MAX_LENGTH
from portal.pages.forms import HoursField, IdempotentForm, PageForm, RowFilterField, get_end_of_day
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.access_requests.item_targets import TARGET_KINDS, Text
from requests_app.errors import MissingInformationError
from requests_app.policy_engine.request_texts import FURTHER_TEXTS, REQUEST_TEXTS, TEXT_NAMES, RequestText
from requests_app.targets.recipients import Recipient
from requests_app.targets.single_tables import TableColumns

FORM_FIELDS = {
    **{name: name for name in TEXT_NAMES},
    "ends_at": "ends_on",
    "principal": "principal",
    "row_filter": "row_filter",
    "use": "use",
}
"""Form fields by argument of the action. Errors of other arguments appear above the form."""
DEFAULT_DAYS = 90


class RequiredInformationForm(PageForm):
    """A form with required information, see `portal.request_form.required_information`."""

    missing_information: MissingInformationError | None = None
    """Set if the request was refused for missing information."""

    def add_refusal(self, error: RefusedError, field: str | None) -> None:
        """Add the error to its field or to the form; missing information appears below the form."""
        if isinstance(error, MissingInformationError):
            self.missing_information = error
            self.add_error(None, _("A policy requires more information. Complete the fields marked below."))
            return
        self.add_error(field, error.message)


class RecipientField(forms.TypedChoiceField):
    """A choice of recipients by key."""

    def __init__(self) -> None:
        super().__init__(
            error_messages={
                "required": _("Choose the role that will use the data."),
                "invalid_choice": _(
                    "This role no longer exists or does not belong to your teams. Choose another."
                ),
            }
        )

    def set_recipients(self, readers: Sequence[Recipient]) -> None:
        by_key = {reader.key: reader for reader in readers}
        self.choices = [(key, one.name) for key, one in by_key.items()]
        self.coerce = by_key.__getitem__


class RequestTextsForm(PageForm):
    """A field for each text of a request. The action says which are too long."""

    max_text_length = MAX_TEXT_LENGTH
    may_omit_texts = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = {text.name: self._build_text_field(text) for text in REQUEST_TEXTS}
        self.fields = {**texts, **self.fields}

    @property
    def further_text_fields(self) -> list[forms.BoundField]:
        """The texts besides the purpose, which has a place of its own."""
        return [self[text.name] for text in FURTHER_TEXTS]

    def _build_text_field(self, text: RequestText) -> forms.CharField:
        field = forms.CharField(
            required=text.is_required and not self.may_omit_texts,
            label=gettext(text.label),
            error_messages={"required": gettext(text.missing)},
            max_length=text.max_length if self.may_omit_texts else None,
        )
        field.widget.attrs["maxlength"] = text.max_length
        return field


class RequestForm(RequestTextsForm, RequiredInformationForm):
    """Texts, end and recipient. `hours` takes precedence over `ends_on`."""

    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )
    hours = HoursField()
    principal = RecipientField()

    def __init__(self, *args: Any, recipients: Sequence[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipients = recipients
        field = self.fields["principal"]
        assert isinstance(field, RecipientField)
        field.set_recipients(recipients)
        self.fields["hours"].required = self.has_hours
        self.fields["ends_on"].required = not self.has_hours

    @property
    def selected_recipient(self) -> Recipient | None:
        """Also for invalid and unbound forms."""
        chosen = str(self["principal"].value() or "")
        return next((recipient for recipient in self.recipients if recipient.key == chosen), None)

    @property
    def has_hours(self) -> bool:
        """Whether the submitted form has hours."""
        return "hours" in self.data

    @property
    def ends_at(self) -> datetime:
        """The end of the day `ends_on`."""
        return get_end_of_day(self.cleaned_data["ends_on"])

    def add_refusal(self, error: RefusedError, field: str | None) -> None:
        super().add_refusal(error, "hours" if field == "ends_on" and self.has_hours else field)


class SubmissionForm(IdempotentForm, RequestForm):
    """Creates one request, even if submitted twice."""

    key_field = "idempotency_key"

    idempotency_key = forms.CharField(max_length=MAX_KEY_LENGTH)

    def add_refusal(self, error: RefusedError, field: str | None) -> None:
        self.is_key_used = error.field == self.key_field
        super().add_refusal(error, field)


class ManyTablesForm(SubmissionForm):
    """`members_hash` identifies the tables that the page showed."""

    hidden_field_names = frozenset({"idempotency_key", "members_hash", "use"})

    members_hash = forms.CharField(max_length=64)
    use = forms.ChoiceField(choices=[("", ""), *DataUse.choices], required=False)


def list_extent_choices() -> list[tuple[str, Text]]:
    """The parts of a table that can be requested."""
    return [(kind.fact, kind.choice_label) for kind in TARGET_KINDS if kind.choice_label]


class TableForm(SubmissionForm):
    hidden_field_names = frozenset({"idempotency_key", "extent", "use"})
    max_row_filter_length = MAX_LENGTH

    row_filter = RowFilterField()
    extent = forms.ChoiceField(choices=list_extent_choices, required=False)
    use = forms.ChoiceField(choices=[("", ""), *DataUse.choices], required=False)

    @property
    def selected_extent(self) -> str:
        """Also for invalid forms; columns by default."""
        return self["extent"].value() or TableColumns.fact

    def relax_for_basket(self) -> None:
        """Make fields optional that are required only on submission."""
        for name in (*TEXT_NAMES, "ends_on", "hours", "idempotency_key"):
            self.fields[name].required = False


def get_default_values(readers: Sequence[Recipient], last: str, now: datetime) -> dict[str, Any]:
    """Default end and recipient; `last` is the key of the last recipient."""
    keys = [reader.key for reader in readers]
    return {
        "ends_on": get_default_end(now, now),
        "principal": last if last in keys else next(iter(keys), None),
    }


def get_default_end(after: datetime, now: datetime) -> date:
    """Default period after `after`, up to the longest allowed access."""
    longest = now + timedelta(days=settings.LONGEST_ACCESS_DAYS)
    return min(after + timedelta(days=DEFAULT_DAYS), longest).date()


def list_end_date_choices(now: datetime) -> list[tuple[date, int]]:
    """Suggested end dates, up to the longest allowed."""
    return [
        ((now + timedelta(days=days)).date(), days)
        for days in (30, 90, 180, 365)
        if days <= settings.LONGEST_ACCESS_DAYS
    ]
