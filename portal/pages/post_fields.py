"""Single POST fields outside a Django form: text, action and next URL."""

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kernel.errors import RefusedError

MAX_ACTION_LENGTH = 40
TEXT_FIELD = forms.CharField(required=False, strip=False)


def get_text_field(request: HttpRequest, name: str) -> str:
    """The unstripped value, or empty. RefusedError for characters a column cannot store, such as NUL."""
    try:
        return str(TEXT_FIELD.clean(request.POST.get(name, "")))
    except ValidationError as error:
        raise RefusedError(str(error.messages[0]), name) from error


class UnknownActionError(BadRequest):
    """The form's action is unknown to the page. The message is shown on the error page."""


def get_action(request: HttpRequest, *known: str) -> str:
    """The value of `do`, one of `known`, or empty. UnknownActionError."""
    said = request.POST.get("do", "")
    if said and said not in known:
        words = {"action": said[:MAX_ACTION_LENGTH], "known": ", ".join(known)}
        raise UnknownActionError(_("This page has no action “%(action)s”. Use one of: %(known)s.") % words)
    return said


def get_next_url(request: HttpRequest) -> str:
    """`next` if it is a path of this site, else empty."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours and wanted.startswith("/") else ""
