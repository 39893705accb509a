"""The form for how long credentials of a product may last."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.pages.forms import PageForm

_ERROR = _("Enter a whole number of minutes.")


class CredentialLimitForm(PageForm):
    minutes = forms.IntegerField(
        min_value=0, error_messages=dict.fromkeys(("required", "invalid", "min_value"), _ERROR)
    )
