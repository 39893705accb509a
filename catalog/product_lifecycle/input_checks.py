"""Checks of what people write about deprecations."""

from django.utils.translation import gettext as _

from kernel.text import check_text

MAX_REASON_LENGTH = 1000


def check_reason(reason: str) -> str:
    """The reason, stripped. RefusedError for none, or one that cannot be stored."""
    missing = _("Give a reason. Consumers read it.")
    return check_text(" ".join(reason.split()), "reason", MAX_REASON_LENGTH, missing)
