"""Which events of the audit log are asked for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.audit_log.events import Filters

NOT_A_DAY = {"invalid": _("Enter a valid date.")}


class AuditLogForm(forms.Form):
    verb = forms.CharField(required=False, max_length=60)
    who = forms.CharField(required=False, max_length=120)
    subject = forms.CharField(required=False, max_length=120)
    since = forms.DateField(required=False, error_messages=NOT_A_DAY)
    until = forms.DateField(required=False, error_messages=NOT_A_DAY)
    before = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        error_messages={"invalid": _("This is not an event number.")},
    )

    def clean_verb(self) -> str:
        """As the page shows it, or as the log has it."""
        return str(self.cleaned_data["verb"]).strip().lower().replace(" ", "_")

    @property
    def filters(self) -> Filters:
        """Of a valid form."""
        told = self.cleaned_data
        return Filters(**{name: told[name] for name in ("verb", "who", "subject", "since", "until")})
