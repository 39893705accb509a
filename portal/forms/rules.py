"""Rules as YAML, with the words that say why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.asks import LONGEST_TEXT
from requests_app.rules.written import LONGEST


class RulesForm(forms.Form):
    longest = LONGEST
    longest_note = LONGEST_TEXT

    rules = forms.CharField(required=False, strip=False, max_length=LONGEST)
    note = forms.CharField(error_messages={"required": _("Say in a sentence what changes, and why.")})
