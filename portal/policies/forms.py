"""Forms for policies: rules as YAML, retirement, what-if."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.offers.states import DataUse
from portal.request_form.forms import Extent
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.policy_editing.yaml_format import MAX_LENGTH
from requests_app.targets.requested_item import RequestedItem


class RulesForm(forms.Form):
    max_rules_length = MAX_LENGTH
    max_note_length = MAX_TEXT_LENGTH

    rules = forms.CharField(required=False, strip=False, max_length=MAX_LENGTH)
    note = forms.CharField(error_messages={"required": _("Say in one sentence what changes, and why.")})


class RetireForm(forms.Form):
    max_text_length = MAX_TEXT_LENGTH

    reason = forms.CharField(
        error_messages={"required": _("Say in one sentence why you retire this policy.")}
    )


class WhatIfForm(forms.Form):
    """A hypothetical request. `columns` is comma-separated; empty means all current columns."""

    max_text_length = MAX_TEXT_LENGTH

    person = forms.EmailField(error_messages={"required": _("Enter the requester's e-mail.")})
    principal = forms.CharField(required=False, max_length=600)
    table = forms.IntegerField(
        min_value=1, error_messages={"required": _("Choose a table."), "invalid": _("Choose a table.")}
    )
    extent = forms.ChoiceField(choices=Extent.choices, required=False)
    columns = forms.CharField(required=False, max_length=MAX_LENGTH)
    use = forms.ChoiceField(choices=[("", _("not specified")), *DataUse.choices], required=False)
    purpose = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
    days = forms.IntegerField(min_value=1, max_value=3650, initial=90)

    def build_requested_item(self, table: Table) -> RequestedItem:
        """The item as a requester would submit it."""
        extent = self.cleaned_data["extent"] or Extent.COLUMNS
        named = tuple(self.cleaned_data["columns"].replace(",", " ").split())
        columns = named or tuple(column.name for column in table.columns.all())
        return RequestedItem(
            table.pk,
            columns if extent == Extent.COLUMNS else (),
            whole_table=extent == Extent.WHOLE,
            product_id=None,
            metadata_only=extent == Extent.METADATA,
            use=DataUse.METADATA if extent == Extent.METADATA else self.cleaned_data["use"],
        )
