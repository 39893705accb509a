"""Tokens with which a person resets their password, by the database's clock."""

from datetime import UTC, datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from identity.people.models import Person
from kernel import clock


class PasswordResetTokens(PasswordResetTokenGenerator):
    """A token ends after PASSWORD_RESET_TIMEOUT, and when the person's password, e-mail or last sign-in changes."""

    key_salt = "identity.authentication.tokens.PasswordResetTokens"

    def _now(self) -> datetime:
        return clock.now().astimezone(UTC).replace(tzinfo=None)


password_reset_tokens = PasswordResetTokens()


def build_password_reset_path(person: Person) -> str:
    """The path of the link in the mail, with a new token."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return f"/password-reset/{uid}/{password_reset_tokens.make_token(person)}/"
