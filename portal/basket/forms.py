"""The form that sends a basket."""

from django import forms

from portal.request_form.forms import RequestForm


class BasketForm(RequestForm):
    """`version` is that of the basket that the page showed."""

    hidden_field_names = frozenset({"version"})

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
