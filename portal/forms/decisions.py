"""The owner's answer to an item, and the reason for which access ends."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_COMMENT = 2000


class DecisionForm(forms.Form):
    """The answer carries the hash of the effects that were shown; `changed` when they are others by now."""

    changed = False

    answer = forms.ChoiceField(choices=[("approve", "approve"), ("reject", "reject")])
    effects_hash = forms.CharField(max_length=64)
    comment = forms.CharField(required=False, max_length=LONGEST_COMMENT)


class RevokeForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST_COMMENT,
        error_messages={"required": _("Say why, so that the people who lose it can act on it.")},
    )
