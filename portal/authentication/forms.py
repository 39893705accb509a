"""Forms with limited attempts: to sign in, and to ask for a reset of a password; and the form of the reset."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from identity.people.actions import attempt_sign_in, clear_sign_in_attempts
from identity.people.attempt_limits import MAX_EMAIL_LENGTH
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError
from portal.authentication.password_texts import PASSWORD_ERRORS
from portal.pages.client_address import get_client_address
from portal.pages.forms import PageForm

if TYPE_CHECKING:
    NewPasswordBase = SetPasswordForm[Person]
else:
    NewPasswordBase = SetPasswordForm

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


class PasswordResetRequestForm(PageForm):
    email = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        max_length=MAX_EMAIL_LENGTH,
        error_messages={"required": _("Enter your e-mail."), "invalid": _("Enter a whole e-mail address.")},
    )


class NewPasswordForm(NewPasswordBase):
    error_messages = PASSWORD_ERRORS
