"""What a page sends beside a form of its own: one line of text, and the address to go on to."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from identity.errors import RefusedError

LINE = forms.CharField(required=False, strip=False)


def line_in(request: HttpRequest, name: str) -> str:
    """As typed, empty where nothing was. RefusedError at its name for what no column holds, such as a null character."""
    try:
        return str(LINE.clean(request.POST.get(name, "")))
    except ValidationError as error:
        raise RefusedError(str(error.messages[0]), name) from error


def address_in(request: HttpRequest) -> str:
    """`next`, where it is a path of this site; empty for another site, and for what is no path."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours and wanted.startswith("/") else ""
