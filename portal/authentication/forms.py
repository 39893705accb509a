"""E-mail and password, with a limit to the attempts."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from audit import clock
from identity.errors import ForbiddenError
from identity.people.actions import attempt_sign_in, forget_attempts
from portal.pages.client_address import address_of

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
