"""What nobody can decide, said on the pages of what waits; a built-in of every template."""

from django import template
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from requests_app.leavers.vacancies import explain_nobody_decides

register = template.Library()


@register.simple_tag
def nobody_decides(row: Model | None) -> SafeString:
    """`{% nobody_decides registration %}`: a warning, or nothing. Of a domain: about requests for its data."""
    text = explain_nobody_decides(row) if row is not None else ""
    if not text:
        return SafeString("")
    words = {"kind": "amber", "icon": "warn", "text": text}
    return render_to_string("components/callout.html", words)
