"""Filters of the audit log."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.audit_log.events import AuditLogFilters

INVALID_DATE = {"invalid": _("Enter a valid date.")}


class AuditLogForm(forms.Form):
    verb = forms.CharField(required=False, max_length=60)
    who = forms.CharField(required=False, max_length=120)
    subject = forms.CharField(required=False, max_length=120)
    since = forms.DateField(required=False, error_messages=INVALID_DATE)
    until = forms.DateField(required=False, error_messages=INVALID_DATE)
    before = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        error_messages={"invalid": _("This is not an event number.")},
    )

    def clean_verb(self) -> str:
        """Accepts the displayed form and the stored form."""
        return str(self.cleaned_data["verb"]).strip().lower().replace(" ", "_")

    @property
    def filters(self) -> AuditLogFilters:
        """Of a valid form."""
        told = self.cleaned_data
        return AuditLogFilters(**{name: told[name] for name in ("verb", "who", "subject", "since", "until")})
