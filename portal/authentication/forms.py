"""Sign-in form with limited attempts."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from audit import clock
from identity.errors import ForbiddenError
from identity.people.actions import attempt_sign_in, clear_sign_in_attempts
from portal.pages.client_address import get_client_address

TOO_MANY_ATTEMPTS = "shut"


class SignInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not email or not password or self.request is None:
            return super().clean()
        try:
            attempt_sign_in(email=email, address=get_client_address(self.request), now=clock.now())
        except ForbiddenError as error:
            raise ValidationError(error.verdict.reason, TOO_MANY_ATTEMPTS) from error
        cleaned = super().clean()
        clear_sign_in_attempts(email=email)
        return cleaned

    @property
    def lockout_message(self) -> str:
        """The error message if there were too many attempts, else empty."""
        return str(self.non_field_errors()[0]) if self.has_error("__all__", TOO_MANY_ATTEMPTS) else ""
