"""The request forms: purpose, end and principal; of one table also its extent, columns, rows and use."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.products.offers.states import Use
from identity.errors import RefusedError
from lakeformation.values.row_rules import LONGEST
from portal.pages.forms import HoursField, OwnKeyForm, PageForm, end_of
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.errors import MissingInformationError
from requests_app.targets.databases import FutureAccess
from requests_app.targets.recipients import Recipient

FIELD_OF = {
    "purpose": "purpose", "ends_at": "ends_on", "principal": "principal", "row_rule": "row_rule", "use": "use",
}  # fmt: skip
"""The verb names its arguments; the form its fields. What has no field of its own stands above the form."""
USUAL_DAYS = 90


class AnsweringForm(PageForm):
    """A form beneath which stands what rules demand, see `portal.request_form.demands`."""

    unanswered: MissingInformationError | None = None
    """What rules demand, and what of it was not said, where that is why it was not sent."""

    def refuse(self, error: RefusedError, field: str | None) -> None:
        """Say why it was not sent, at its field or above the form; what rules demand stands beneath what is asked."""
        if isinstance(error, MissingInformationError):
            self.unanswered = error
            self.add_error(None, _("A policy requires more information. Complete the fields marked below."))
            return
        self.add_error(field, error.message)


class ReaderField(forms.TypedChoiceField):
    """One of the readers that are offered, by its key."""

    def __init__(self) -> None:
        super().__init__(
            error_messages={
                "required": _("Choose the role that will use the data."),
                "invalid_choice": _(
                    "This role no longer exists or does not belong to your teams. Choose another."
                ),
            }
        )

    def offer(self, readers: Sequence[Recipient]) -> None:
        by_key = {one.key: one for one in readers}
        self.choices = [(key, one.name) for key, one in by_key.items()]
        self.coerce = by_key.__getitem__


class WordsForm(AnsweringForm):
    """What every request says: what for, until when, for which role. `hours` from now on count before the day."""

    longest = MAX_TEXT_LENGTH

    purpose = forms.CharField(
        error_messages={"required": _("Say in one sentence what you need the data for.")},
    )
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )
    hours = HoursField()
    principal = ReaderField()

    def __init__(self, *args: Any, readers: Sequence[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readers = readers
        field = self.fields["principal"]
        assert isinstance(field, ReaderField)
        field.offer(readers)
        self.fields["hours"].required = self.says_hours
        self.fields["ends_on"].required = not self.says_hours

    @property
    def chosen_reader(self) -> Recipient | None:
        """Also of a form that was refused, or not sent yet."""
        chosen = str(self["principal"].value() or "")
        return next((one for one in self.readers if one.key == chosen), None)

    @property
    def says_hours(self) -> bool:
        """Whether it was sent by a page that asks for hours."""
        return "hours" in self.data

    @property
    def ends_at(self) -> datetime:
        """By the day."""
        return end_of(self.cleaned_data["ends_on"])

    def refuse(self, error: RefusedError, field: str | None) -> None:
        super().refuse(error, "hours" if field == "ends_on" and self.says_hours else field)


class SubmittedForm(OwnKeyForm, WordsForm):
    """Makes a request of its own; sent twice, it is one."""

    key_name = "submission_key"

    submission_key = forms.CharField(max_length=MAX_KEY_LENGTH)

    def refuse(self, error: RefusedError, field: str | None) -> None:
        self.is_spent = error.field == self.key_name
        super().refuse(error, field)


class ManyForm(SubmittedForm):
    """`mark` names what the page showed to be reached."""

    unseen = frozenset({"submission_key", "mark", "use"})

    mark = forms.CharField(max_length=64)
    use = forms.ChoiceField(choices=[("", ""), *Use.choices], required=False)


class DatabaseForm(ManyForm):
    later = forms.ChoiceField(choices=FutureAccess.choices)

    @property
    def chosen_later(self) -> str:
        """Also of a form that was refused."""
        return str(self["later"].value())


class Extent(models.TextChoices):
    """What of a table is asked for."""

    COLUMNS = "columns", _("The selected columns")
    WHOLE = "whole", _("The whole table")
    METADATA = "metadata", _("Metadata only")


class AskForm(SubmittedForm):
    unseen = frozenset({"submission_key", "extent", "use"})
    longest_rule = LONGEST

    row_rule = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST,
        error_messages={"max_length": _("A row filter can have at most 2,048 characters.")},
    )
    extent = forms.ChoiceField(choices=Extent.choices, required=False)
    use = forms.ChoiceField(choices=[("", ""), *Use.choices], required=False)

    @property
    def chosen_extent(self) -> str:
        """Also of a form that was refused; the ticked columns unless said."""
        return self["extent"].value() or Extent.COLUMNS

    def for_the_basket(self) -> None:
        """A basket takes a table without the words of the request: they are asked for when it is sent."""
        for name in ("purpose", "ends_on", "hours", "submission_key"):
            self.fields[name].required = False


def first_values(readers: Sequence[Recipient], last: str, now: datetime) -> dict[str, Any]:
    """What the portal can say for the person; `last` is the key of who was asked for last time."""
    keys = [one.key for one in readers]
    return {
        "ends_on": usual_end(now, now),
        "principal": last if last in keys else next(iter(keys), None),
    }


def usual_end(after: datetime, now: datetime) -> date:
    """The usual time after `after`, as far as access may be given from now on."""
    longest = now + timedelta(days=settings.LONGEST_ACCESS_DAYS)
    return min(after + timedelta(days=USUAL_DAYS), longest).date()


def usual_ends(now: datetime) -> list[tuple[date, int]]:
    """Days to pick with one click, up to the longest that is allowed."""
    return [
        ((now + timedelta(days=days)).date(), days)
        for days in (30, 90, 180, 365)
        if days <= settings.LONGEST_ACCESS_DAYS
    ]
