"""What a page sends by itself, a key by which a form that is sent twice counts once, and fields that several forms share."""

import uuid
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.errors import RefusedError
from lakeformation.values.row_rules import LONGEST
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.review.terms import MAX_HOURS


class HoursField(forms.IntegerField):
    """For so many hours, in place of a day."""

    def __init__(self) -> None:
        words = _("Enter the number of hours, at least 1.")
        errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
        super().__init__(required=False, min_value=1, max_value=MAX_HOURS, error_messages=errors)


def end_of(last: date) -> datetime:
    """The chosen day counts whole."""
    return datetime.combine(last, time(23, 59, 59), tzinfo=ZoneInfo(timezone.get_current_timezone_name()))


class RowRuleField(forms.CharField):
    """As typed: spaces at its ends belong to no name, but to the place that a mistake is shown at."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            strip=False,
            max_length=LONGEST,
            error_messages={"max_length": _("A row filter can have at most 2,048 characters.")},
        )


NOT_WHOLE = _("Your browser sent incomplete data, so nothing was saved. Check the form and send it again.")


class PageForm(forms.Form):
    """`unseen` are the fields that the page fills in: where one is wrong, no place on the page could say it."""

    unseen: ClassVar[frozenset[str]] = frozenset()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.unseen & self.errors.keys():
            self.add_error(None, NOT_WHOLE)
        return self.cleaned_data if cleaned is None else cleaned


class OwnKeyForm(PageForm):
    """With a key of its own in the field `key_name`."""

    key_name: ClassVar[str] = "key"
    is_spent = False

    @cached_property
    def own_key(self) -> str:
        """Under which the page sends it: as it came; a new one at first, and where its own was refused."""
        refused = self.is_spent or self.key_name in self.errors
        came = "" if refused else self.data.get(self.key_name, "")
        return came or uuid.uuid4().hex


class KeyedForm(OwnKeyForm):
    unseen = frozenset({"key"})

    key = forms.CharField(max_length=MAX_KEY_LENGTH)

    def say(self, error: RefusedError, **fields: str) -> None:
        """The refusal at its field, else above the form. `fields`: the form's name for what a verb names otherwise."""
        self.is_spent = error.field in {"key", "submission_key"}
        field = fields.get(error.field, error.field)
        self.add_error(field if field in self.fields and field != "key" else None, error.message)


class ReasonForm(PageForm):
    """Why something is removed, or may stay; `key` names what was shown, where that matters."""

    unseen = frozenset({"key"})
    longest = MAX_TEXT_LENGTH

    reason = forms.CharField(error_messages={"required": _("Give a reason in one sentence.")})
    key = forms.CharField(max_length=64, required=False)
