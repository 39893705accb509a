"""The decision on an item: all that was asked, or less of it."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Column
from lakeformation.values.row_rules import LONGEST
from portal.pages.forms import HoursField, OwnKeyForm, RowRuleField, end_of
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.access_requests.models import Item
from requests_app.review.terms import NarrowedTerms

TRIALS = (7, 14, 30, 90)
"""Days of a trial, as far as they end before what was asked for."""


class DecisionForm(OwnKeyForm):
    """The answer carries the hash of what was shown; `changed` when it is another by now, `edited` when the person chose
    something else since. `shown` is the digest of what was asked for, `choice` that of how much of it was shown.
    A preview decides nothing.
    """

    unseen = frozenset({"answer", "effects_hash", "rules_hash", "choice", "shown", "key"})
    changed = False
    edited = False
    longest = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=[(one, one) for one in ("preview", "approve", "return", "reject")])
    effects_hash = forms.CharField(max_length=64)
    rules_hash = forms.CharField(max_length=64, required=False)
    choice = forms.CharField(max_length=64, required=False)
    shown = forms.CharField(max_length=64, required=False)
    comment = forms.CharField(required=False)
    key = forms.CharField(max_length=MAX_KEY_LENGTH, required=False)


class LessForm(forms.Form):
    """How much of the request is approved. It is part of the form that decides, and may be in the address of its page."""

    longest_rule = LONGEST

    columns = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": _("%(value)s was not requested.")}
    )
    row_rule = RowRuleField()
    ends_at = forms.DateField(required=False, error_messages={"invalid": _("Enter a valid date.")})
    trial_days = forms.IntegerField(required=False, min_value=1, max_value=3650)
    hours = HoursField()

    def __init__(self, data: QueryDict | None, item: Item) -> None:
        start = {"columns": item.columns, "ends_at": timezone.localdate(item.ends_at)}
        is_said = data is not None and any(name in data for name in self.base_fields)
        super().__init__(data if is_said else None, initial=start)
        self.item = item
        self.offered = [] if item.metadata_only or item.reaches_many else _offered(item)
        field = self.fields["columns"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(column.name, column.name) for column in self.offered]

    @property
    def picked(self) -> list[str]:
        """Ticked columns: all that were asked for, before anyone took one away."""
        whole = [column.name for column in self.offered]
        said: list[str] | None = self["columns"].value() if self.is_bound else self.item.columns or whole
        return said or []

    @property
    def first_error(self) -> str:
        return next((str(each[0]) for each in self.errors.values()), "")

    @property
    def less(self) -> NarrowedTerms:
        """Of a valid form. The day that was asked for, and all ticks, are no less."""
        said: dict[str, Any] = self.cleaned_data
        columns, day = tuple(said["columns"]), said["ends_at"]
        as_asked = len(columns) == len(self.offered)
        same_day = day is None or day == timezone.localdate(self.item.ends_at)
        return NarrowedTerms(
            columns=None if as_asked else columns,
            row_rule=said["row_rule"],
            ends_at=None if same_day else end_of(day),
            trial_days=said["trial_days"],
            hours=said["hours"],
        )


def _offered(item: Item) -> list[Column]:
    """Columns that an approval could leave out, in the table's order."""
    asked = set(item.columns)
    rows = sorted(item.table.columns.all(), key=lambda column: column.position)
    return [row for row in rows if item.whole_table or row.name in asked]
