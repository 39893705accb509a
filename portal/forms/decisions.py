"""The owner's answer to an item, and the reason for which access ends."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.asks import LONGEST_TEXT


class DecisionForm(forms.Form):
    """The answer carries the hash of the effects that were shown; `changed` when they are others by now."""

    changed = False
    longest = LONGEST_TEXT

    answer = forms.ChoiceField(choices=[("approve", "approve"), ("reject", "reject")])
    effects_hash = forms.CharField(max_length=64)
    comment = forms.CharField(required=False)


class RevokeForm(forms.Form):
    longest = LONGEST_TEXT

    reason = forms.CharField(
        error_messages={"required": _("Say why, so that the people who lose it can act on it.")},
    )
