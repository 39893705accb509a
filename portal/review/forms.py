"""Forms for a decision and narrowed terms."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import ColumnFacts
from lakeformation.values.row_filters import MAX_LENGTH
from portal.pages.column_pages import (
    ColumnChoice,
    ColumnPicker,
    build_column_picker,
    merge_unshown_columns,
)
from portal.pages.forms import HoursField, IdempotentForm, RowFilterField, get_end_of_day, set_choices
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.access_requests.models import RequestItem
from requests_app.review.terms import NOT_NARROWED, NarrowedTerms

TRIAL_DAYS = (7, 14, 30, 90)
"""Trial lengths in days; offered if shorter than requested."""


class DecisionForm(IdempotentForm):
    """`effects_hash`: of what was shown; `effects_changed`: it is another now; `is_edited`: the person chose
    something else since; `narrowed`: what they chose. `shown` is the digest of the requested terms, `choice` of the
    chosen terms. A preview decides nothing.
    """

    hidden_field_names = frozenset(
        {"answer", "effects_hash", "rules_hash", "choice", "shown", "idempotency_key"}
    )
    effects_changed = False
    is_edited = False
    narrowed: NarrowedTerms = NOT_NARROWED
    max_text_length = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=[(one, one) for one in ("preview", "approve", "return", "reject")])
    effects_hash = forms.CharField(max_length=64)
    rules_hash = forms.CharField(max_length=64, required=False)
    choice = forms.CharField(max_length=64, required=False)
    shown = forms.CharField(max_length=64, required=False)
    comment = forms.CharField(required=False)
    idempotency_key = forms.CharField(max_length=MAX_KEY_LENGTH, required=False)


class NarrowingForm(forms.Form):
    """Narrowed terms; part of the decision form, and allowed in the query string."""

    max_row_filter_length = MAX_LENGTH

    columns = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": _("%(value)s was not requested.")}
    )
    row_filter = RowFilterField()
    ends_at = forms.DateField(required=False, error_messages={"invalid": _("Enter a valid date.")})
    trial_days = forms.IntegerField(required=False, min_value=1, max_value=3650)
    hours = HoursField()

    def __init__(self, data: QueryDict | None, item: RequestItem) -> None:
        start = {"columns": item.columns, "ends_at": timezone.localdate(item.ends_at)}
        is_said = data is not None and any(name in data for name in self.base_fields)
        self.item = item
        self.offered_columns = _list_offered_columns(item) if item.target.has_column_choice else []
        all_ticks = (
            merge_unshown_columns(data, self.offered_columns) if data is not None and is_said else None
        )
        super().__init__(all_ticks, initial=start)
        set_choices(self, "columns", [(column.name, column.name) for column in self.offered_columns])

    @property
    def selected_columns(self) -> list[str]:
        """Selected columns; initially all requested ones."""
        whole = [column.name for column in self.offered_columns]
        said: list[str] | None = self["columns"].value() if self.is_bound else self.item.columns or whole
        return said or []

    @property
    def picker(self) -> ColumnPicker:
        chosen = set(self.selected_columns)
        choices = [ColumnChoice(column, column.name in chosen) for column in self.offered_columns]
        return build_column_picker(
            self.item.table, choices, self.data if isinstance(self.data, QueryDict) else QueryDict()
        )

    @property
    def first_error(self) -> str:
        return next((str(each[0]) for each in self.errors.values()), "")

    @property
    def narrowed(self) -> NarrowedTerms:
        """Of a valid form. The requested day and all columns do not narrow the request."""
        said: dict[str, Any] = self.cleaned_data
        columns, day = tuple(said["columns"]), said["ends_at"]
        as_asked = len(columns) == len(self.offered_columns)
        same_day = day is None or day == timezone.localdate(self.item.ends_at)
        return NarrowedTerms(
            columns=None if as_asked else columns,
            row_filter=said["row_filter"],
            ends_at=None if same_day else get_end_of_day(day),
            trial_days=said["trial_days"],
            hours=said["hours"],
        )


def count_included_keys(item: RequestItem, offered: Collection[ColumnFacts]) -> int:
    """Partition keys that any column brings with it, and that are not among the offered columns."""
    if item.target.has_future_columns or not offered:
        return 0
    names = {column.name for column in offered}
    return sum(row.is_partition_key and row.name not in names for row in item.table.column_facts)


def _list_offered_columns(item: RequestItem) -> list[ColumnFacts]:
    """Columns that can be left out, in table order."""
    return [row for row in item.table.column_facts if item.target.includes_column(row.name)]
