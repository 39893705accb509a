"""Forms to change an item and to comment on it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lakeformation.values.row_filters import MAX_LENGTH
from portal.pages.forms import HoursField, PageForm, RowFilterField, get_end_of_day
from portal.request_form.forms import RequiredInformationForm, list_extent_choices
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.access_requests.item_targets import get_extent_fields
from requests_app.access_requests.models import RequestItem
from requests_app.targets.requested_item import RequestedItem


class ChangeForm(RequiredInformationForm):
    """The changed item; columns are sent separately."""

    hidden_field_names = frozenset({"extent"})
    max_text_length = MAX_TEXT_LENGTH
    max_row_filter_length = MAX_LENGTH

    extent = forms.ChoiceField(choices=list_extent_choices)
    row_filter = RowFilterField()
    ends_on = forms.DateField(
        error_messages={"required": _("Choose the last day."), "invalid": _("Enter a valid date.")}
    )
    hours = HoursField()
    comment = forms.CharField(
        label=_("Your comment"),
        help_text=_("required if you change nothing"),
        widget=forms.Textarea(attrs={"maxlength": max_text_length, "rows": False, "dir": "auto"}),
        required=False,
    )

    def build_requested_item(self, item: RequestItem, columns: Iterable[str]) -> RequestedItem:
        """Also for unbound forms. `columns` apply only to the extent `columns`."""
        extent = self["extent"].value()
        return RequestedItem(
            item.table_id,
            product_id=item.product_id,
            row_filter=self["row_filter"].value() or "",
            **get_extent_fields(extent, tuple(columns)),
        )

    def ends_at(self, item: RequestItem, now: datetime) -> datetime:
        """Hours from now, else the end of the day; the original end if unchanged."""
        said = self.cleaned_data
        if said["hours"]:
            return now + timedelta(hours=said["hours"])
        same_day = said["ends_on"] == timezone.localdate(item.ends_at)
        return item.ends_at if same_day else get_end_of_day(said["ends_on"])


class CommentForm(PageForm):
    hidden_field_names = frozenset({"idempotency_key"})

    comment = forms.CharField(error_messages={"required": _("Enter a comment.")})
    idempotency_key = forms.CharField(max_length=MAX_KEY_LENGTH)

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of a valid form. The key includes the text, so that a different text after "back" is a new comment."""
        text, key = self.cleaned_data["comment"], self.cleaned_data["idempotency_key"]
        return {"comment": text, "idempotency_key": uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {text}").hex}
