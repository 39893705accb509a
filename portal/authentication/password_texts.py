"""Texts of the forms in which somebody chooses a password."""

from typing import Any

from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

PASSWORD_ERRORS: dict[str, Any] = {"password_mismatch": _("The two passwords are not the same.")}


def list_password_rules() -> list[str]:
    """What the validators of the settings require, in sentences."""
    return [str(text) for text in password_validators_help_texts()]
