"""What the request form says will happen: asked for as it stands in the form, whether or not it can be sent yet."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from identity.models import Person, Principal
from portal.asked import Asked
from portal.forms.asking import AskForm, end_of
from requests_app.errors import RefusedError
from requests_app.rules.forecast import forecast


def forecast_of(person: Person, form: AskForm, asked: Asked, now: datetime) -> str:
    """A sentence; empty while what is chosen does not make an ask."""
    principal, ends_at = _principal(form), _end(form)
    if principal is None or ends_at is None:
        return ""
    purpose, until = form["purpose"].value() or "", asked.until(ends_at, now)
    try:
        ask = asked.item(form)
        return forecast(person=person, principal=principal, ask=ask, purpose=purpose, ends_at=until, now=now)
    except RefusedError as refusal:
        return _("This cannot be asked for: %(why)s") % {"why": refusal.message}


def _principal(form: AskForm) -> Principal | None:
    said = str(form["principal"].value() or "")
    queryset = form.fields["principal"].queryset  # type: ignore[attr-defined]
    found: Principal | None = (
        queryset.filter(pk=said).first() if said.isascii() and said.isdecimal() else None
    )
    return found


def _end(form: AskForm) -> datetime | None:
    said = form["ends_on"].value()
    try:
        day = said if isinstance(said, date) else date.fromisoformat(said or "")
    except ValueError:
        return None
    return end_of(day)
