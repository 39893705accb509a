"""E-mail and password, with a limit to the attempts; where an attempt comes from."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from audit import clock
from identity.actions import attempt_sign_in, forget_attempts
from identity.errors import ForbiddenError

SHUT = "shut"
HOME_BITS = 64
"""Of an IPv6 address: what a provider gives to one household or machine."""


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not email or not password or self.request is None:
            return super().clean()
        try:
            attempt_sign_in(email=email, address=address_of(self.request), now=clock.now())
        except ForbiddenError as error:
            raise ValidationError(error.verdict.reason, SHUT) from error
        cleaned = super().clean()
        forget_attempts(email=email)
        return cleaned

    @property
    def shut(self) -> str:
        """The sentence that refuses the attempt unheard, or nothing."""
        return str(self.non_field_errors()[0]) if self.has_error("__all__", SHUT) else ""


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: the client that the outermost of our own proxies saw; empty if unknown.

    What stands further left in `X-Forwarded-For` is the client's own word and counts for nothing.
    """
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [*passed, request.META.get("REMOTE_ADDR", "")]
    own = settings.PROXIES
    text = hops[-1 - own].strip() if own < len(hops) else ""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((address.packed, HOME_BITS), strict=False))
    return str(address)
