"""The owner's answer to an item, less of it, the asker's change, and the reason for which access ends."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Column
from lakeformation.values.row_rules import LONGEST
from portal.forms.asking import AnsweringForm, Extent, HoursField, end_of
from portal.forms.keyed import KeyedForm, OwnKeyForm, PageForm
from requests_app.access_requests.input_checks import LONGEST_KEY, LONGEST_TEXT
from requests_app.access_requests.models import Item
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.terms import Less
from requests_app.targets.item_ask import ItemAsk

TRIALS = (7, 14, 30, 90)
"""Days of a trial, as far as they end before what was asked for."""


class RowRuleField(forms.CharField):
    """As typed: spaces at its ends belong to no name, but to the place that a mistake is shown at."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            strip=False,
            max_length=LONGEST,
            error_messages={"max_length": _("A row rule has 2,048 characters at most.")},
        )


class DecisionForm(OwnKeyForm):
    """The answer carries the hash of what was shown; `changed` when it is another by now, `edited` when the person chose
    something else since. `shown` is the digest of what was asked for, `choice` that of how much of it was shown.
    A preview decides nothing.
    """

    unseen = frozenset({"answer", "effects_hash", "rules_hash", "choice", "shown", "key"})
    changed = False
    edited = False
    longest = LONGEST_TEXT

    answer = forms.ChoiceField(choices=[(one, one) for one in ("preview", "approve", "return", "reject")])
    effects_hash = forms.CharField(max_length=64)
    rules_hash = forms.CharField(max_length=64, required=False)
    choice = forms.CharField(max_length=64, required=False)
    shown = forms.CharField(max_length=64, required=False)
    comment = forms.CharField(required=False)
    key = forms.CharField(max_length=LONGEST_KEY, required=False)


class BulkForm(KeyedForm):
    """One answer to several items; which, and with which effects, stands beside it."""

    unseen = frozenset({"key", "answer"})
    longest = LONGEST_TEXT

    answer = forms.ChoiceField(choices=BulkDecision.Answer.choices)
    comment = forms.CharField(required=False)


class LessForm(forms.Form):
    """How much of the request is approved. It is part of the form that decides, and may be in the address of its page."""

    longest_rule = LONGEST

    columns = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": _("%(value)s was not asked for.")}
    )
    row_rule = RowRuleField()
    ends_at = forms.DateField(required=False, error_messages={"invalid": _("This is not a day.")})
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
    def less(self) -> Less:
        """Of a valid form. The day that was asked for, and all ticks, are no less."""
        said: dict[str, Any] = self.cleaned_data
        columns, day = tuple(said["columns"]), said["ends_at"]
        as_asked = len(columns) == len(self.offered)
        same_day = day is None or day == timezone.localdate(self.item.ends_at)
        return Less(
            columns=None if as_asked else columns,
            row_rule=said["row_rule"],
            ends_at=None if same_day else end_of(day),
            trial_days=said["trial_days"],
            hours=said["hours"],
        )


class ChangeForm(AnsweringForm):
    """What is asked for instead; columns are ticked beside it."""

    unseen = frozenset({"extent"})
    longest = LONGEST_TEXT
    longest_rule = LONGEST

    extent = forms.ChoiceField(choices=Extent.choices)
    row_rule = RowRuleField()
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("This is not a day.")}
    )
    hours = HoursField()
    comment = forms.CharField(required=False)

    def ask(self, item: Item, columns: Iterable[str]) -> ItemAsk:
        """As the form stands, sent or not; of these `columns`, where it says columns."""
        extent = self["extent"].value()
        return ItemAsk(
            item.table_id,
            tuple(columns) if extent == Extent.COLUMNS else (),
            whole_table=extent == Extent.WHOLE,
            product_id=item.product_id,
            row_rule=self["row_rule"].value() or "",
            metadata_only=extent == Extent.METADATA,
        )

    def ends_at(self, item: Item, now: datetime) -> datetime:
        """Its hours from now on, else its day; as it was asked for where neither is another."""
        said = self.cleaned_data
        if said["hours"]:
            return now + timedelta(hours=said["hours"])
        same_day = said["ends_on"] == timezone.localdate(item.ends_at)
        return item.ends_at if same_day else end_of(said["ends_on"])


class CommentForm(PageForm):
    unseen = frozenset({"key"})

    comment = forms.CharField(error_messages={"required": _("Say it in words.")})
    key = forms.CharField(max_length=LONGEST_KEY)

    @property
    def words(self) -> dict[str, str]:
        """Of a valid form. Its key is the page's with what is said: after going back, other words are another comment."""
        text, key = self.cleaned_data["comment"], self.cleaned_data["key"]
        return {"comment": text, "key": uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {text}").hex}


class RevokeForm(forms.Form):
    longest = LONGEST_TEXT

    reason = forms.CharField(
        error_messages={"required": _("Say why, so that the people who lose it can act on it.")},
    )


def _offered(item: Item) -> list[Column]:
    """Columns that an approval could leave out, in the table's order."""
    asked = set(item.columns)
    rows = sorted(item.table.columns.all(), key=lambda column: column.position)
    return [row for row in rows if item.whole_table or row.name in asked]
