"""The asker's change of an item, and a comment on it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lakeformation.values.row_rules import LONGEST
from portal.pages.forms import HoursField, PageForm, RowRuleField, end_of
from portal.request_form.forms import AnsweringForm, Extent
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.access_requests.models import Item
from requests_app.targets.requested_item import RequestedItem


class ChangeForm(AnsweringForm):
    """What is asked for instead; columns are ticked beside it."""

    unseen = frozenset({"extent"})
    longest = MAX_TEXT_LENGTH
    longest_rule = LONGEST

    extent = forms.ChoiceField(choices=Extent.choices)
    row_rule = RowRuleField()
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )
    hours = HoursField()
    comment = forms.CharField(required=False)

    def ask(self, item: Item, columns: Iterable[str]) -> RequestedItem:
        """As the form stands, sent or not; of these `columns`, where it says columns."""
        extent = self["extent"].value()
        return RequestedItem(
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

    comment = forms.CharField(error_messages={"required": _("Enter a comment.")})
    key = forms.CharField(max_length=MAX_KEY_LENGTH)

    @property
    def words(self) -> dict[str, str]:
        """Of a valid form. Its key is the page's with what is said: after going back, other words are another comment."""
        text, key = self.cleaned_data["comment"], self.cleaned_data["key"]
        return {"comment": text, "key": uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {text}").hex}
