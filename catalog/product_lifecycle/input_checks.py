"""Checks of what people write about deprecations."""

from django.utils.translation import gettext as _

from catalog.storable_text import UNSTORABLE_CHARACTERS
from identity.errors import RefusedError

MAX_REASON_LENGTH = 1000


def check_reason(reason: str) -> str:
    """The reason, stripped. RefusedError for none, or one that cannot be stored."""
    text = " ".join(reason.split())
    if not text:
        raise RefusedError(_("Give a reason. Consumers read it."), "reason")
    if len(text) > MAX_REASON_LENGTH:
        raise RefusedError(_("Use at most %(most)s characters.") % {"most": MAX_REASON_LENGTH}, "reason")
    if UNSTORABLE_CHARACTERS.search(text):
        raise RefusedError(_("Remove the characters that can't be stored."), "reason")
    return text
