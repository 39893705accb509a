"""The form for revoking access."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH


class RevokeForm(forms.Form):
    max_text_length = MAX_TEXT_LENGTH

    reason = forms.CharField(
        error_messages={"required": _("Give a reason. The people who lose access read it.")},
    )
