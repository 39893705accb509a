"""E-mail and password, with a limit to the attempts; where an attempt comes from."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from audit import clock
from identity.client_networks import household_of
from identity.errors import ForbiddenError
from identity.people.actions import attempt_sign_in, forget_attempts

SHUT = "shut"


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
    """Where the request comes from: the client that the outermost of our own proxies saw, or else who speaks to us.

    What stands further left in `X-Forwarded-For` is the client's own word and counts for nothing; empty if unknown.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), peer]
    own = settings.PROXIES
    seen = hops[-1 - own] if own < len(hops) else peer
    return household_of(seen) or household_of(peer)
