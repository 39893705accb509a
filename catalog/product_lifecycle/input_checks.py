"""Checks of what people write about deprecations."""

from django.utils.translation import gettext as _

from catalog.text_checks import check_length, check_storable
from identity.errors import RefusedError

MAX_REASON_LENGTH = 1000


def check_reason(reason: str) -> str:
    """The reason, stripped. RefusedError for none, or one that cannot be stored."""
    text = " ".join(reason.split())
    if not text:
        raise RefusedError(_("Give a reason. Consumers read it."), "reason")
    check_length(text, "reason", MAX_REASON_LENGTH)
    check_storable(text, "reason")
    return text
