"""The forms that change your own password and language."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from identity.people.actions import attempt_sign_in, clear_sign_in_attempts
from kernel import clock
from kernel.errors import ForbiddenError
from portal.authentication.password_texts import PASSWORD_ERRORS
from portal.pages.forms import PageForm

TOO_MANY_ATTEMPTS = "shut"


class LanguageForm(PageForm):
    language = forms.ChoiceField(
        label=_("Language of the pages"),
        choices=[("", _("As your browser asks")), *settings.LANGUAGES],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the languages in the list.")},
    )


class OwnPasswordForm(PasswordChangeForm):
    """Wrong current passwords count as attempts to sign in: a session that was left open must not help to guess."""

    error_messages = {
        **PASSWORD_ERRORS,
        "password_incorrect": _("This is not your current password. Passwords are case-sensitive."),
    }

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    @sensitive_variables("password")
    def clean_old_password(self) -> str:
        try:
            attempt_sign_in(email=self.user.email, address=self.address, now=clock.now())
        except ForbiddenError as error:
            raise ValidationError(error.verdict.reason, TOO_MANY_ATTEMPTS) from error
        password = super().clean_old_password()
        clear_sign_in_attempts(email=self.user.email)
        return password

    @property
    def is_blocked(self) -> bool:
        return self.has_error("old_password", TOO_MANY_ATTEMPTS)
