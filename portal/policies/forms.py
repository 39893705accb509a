"""Rules as YAML, with the words that say why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from catalog.products.offers.states import Use
from portal.request_form.forms import Extent
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.policy_editing.yaml_format import MAX_LENGTH
from requests_app.targets.requested_item import RequestedItem


class RulesForm(forms.Form):
    longest = MAX_LENGTH
    longest_note = MAX_TEXT_LENGTH

    rules = forms.CharField(required=False, strip=False, max_length=MAX_LENGTH)
    note = forms.CharField(error_messages={"required": _("Say in one sentence what changes, and why.")})


class RetireForm(forms.Form):
    longest = MAX_TEXT_LENGTH

    reason = forms.CharField(
        error_messages={"required": _("Say in one sentence why you retire this policy.")}
    )


class WhatIfForm(forms.Form):
    """An ask that nobody has made: `columns` by name, with commas; none means all that the table has today."""

    longest = MAX_TEXT_LENGTH

    person = forms.EmailField(error_messages={"required": _("Enter the requester's e-mail.")})
    principal = forms.CharField(required=False, max_length=600)
    table = forms.IntegerField(
        min_value=1, error_messages={"required": _("Choose a table."), "invalid": _("Choose a table.")}
    )
    extent = forms.ChoiceField(choices=Extent.choices, required=False)
    columns = forms.CharField(required=False, max_length=MAX_LENGTH)
    use = forms.ChoiceField(choices=[("", _("not specified")), *Use.choices], required=False)
    purpose = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
    days = forms.IntegerField(min_value=1, max_value=3650, initial=90)

    def ask(self, table: Table) -> RequestedItem:
        """As it is sent by whoever asks."""
        extent = self.cleaned_data["extent"] or Extent.COLUMNS
        named = tuple(self.cleaned_data["columns"].replace(",", " ").split())
        columns = named or tuple(column.name for column in table.columns.all())
        return RequestedItem(
            table.pk,
            columns if extent == Extent.COLUMNS else (),
            whole_table=extent == Extent.WHOLE,
            product_id=None,
            metadata_only=extent == Extent.METADATA,
            use=Use.METADATA if extent == Extent.METADATA else self.cleaned_data["use"],
        )
