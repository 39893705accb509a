"""What nobody can decide, said on the pages of what waits; a built-in of every template."""

from django import template
from django.db.models import Model

from requests_app.leavers.vacancies import explain_nobody_decides

register = template.Library()


@register.inclusion_tag("components/nobody_decides.html")
def nobody_decides(row: Model | None) -> dict[str, str]:
    """`{% nobody_decides registration %}`: a warning, or nothing. Of a domain: about requests for its data."""
    return {"text": explain_nobody_decides(row) if row is not None else ""}
