"""What a page sends beside a form of its own: one line of text, and the address to go on to."""

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from identity.errors import RefusedError

LONGEST_ACTION = 40
LINE = forms.CharField(required=False, strip=False)


def line_in(request: HttpRequest, name: str) -> str:
    """As typed, empty where nothing was. RefusedError at its name for what no column holds, such as a null character."""
    try:
        return str(LINE.clean(request.POST.get(name, "")))
    except ValidationError as error:
        raise RefusedError(str(error.messages[0]), name) from error


class UnknownActionError(BadRequest):
    """What a form asked to be done is nothing that its page does; the words are for the error page."""


def action_in(request: HttpRequest, *known: str) -> str:
    """`do`, which says what a form with several buttons is sent for; empty where nothing was said. UnknownActionError."""
    said = request.POST.get("do", "")
    if said and said not in known:
        words = {"action": said[:LONGEST_ACTION], "known": ", ".join(known)}
        raise UnknownActionError(_("This page has no action “%(action)s”. Use one of: %(known)s.") % words)
    return said


def address_in(request: HttpRequest) -> str:
    """`next`, where it is a path of this site; empty for another site, and for what is no path."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours and wanted.startswith("/") else ""
