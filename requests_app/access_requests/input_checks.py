"""Checks of keys, texts and end dates that forms send."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import RefusedError
from kernel.text import check_length
from requests_app.policy_engine.request_texts import LONGEST_TEXT, REQUEST_TEXTS

MAX_KEY_LENGTH = 64
MAX_TEXT_LENGTH = LONGEST_TEXT
TEXT_TOO_LONG_MESSAGE = gettext_lazy("Use at most 2,000 characters.")
"""Of purpose, comment and reason; an API's schema and a page's fields name the same number."""


def check_idempotency_key(idempotency_key: str, field: str = "key") -> None:
    """RefusedError at the field for a form's own key that is none, or too long."""
    if not 0 < len(idempotency_key) <= MAX_KEY_LENGTH:
        raise RefusedError(_("The key must have 1 to %(most)s characters.") % {"most": MAX_KEY_LENGTH}, field)


def check_text(text: str, field: str) -> None:
    """RefusedError for text that is too long; a line break counts once, as browsers count it."""
    if len(text.strip().replace("\r\n", "\n")) > MAX_TEXT_LENGTH:
        raise RefusedError(str(TEXT_TOO_LONG_MESSAGE), field)


def check_request_texts(texts: Mapping[str, str]) -> None:
    """RefusedError at the first text of a request that is too short or too long."""
    for text in REQUEST_TEXTS:
        typed = texts[text.name].strip()
        if len(typed) < text.min_length:
            raise RefusedError(_(text.missing), text.name)
        check_text(typed, text.name)
        if text.max_length < MAX_TEXT_LENGTH:
            check_length(typed, text.name, text.max_length)


def build_form_reused_error() -> RefusedError:
    """The error for a key that was used for a different request."""
    message = _(
        "You already sent this form with other contents. That request is under My requests. To send this one too, send it again."
    )
    return RefusedError(message, "idempotency_key")


def check_same_submission(*, is_same: bool) -> None:
    """RefusedError if an idempotency key is reused with different contents."""
    if not is_same:
        message = _(
            "You already sent this form with other contents, which stay as they are. To send these too, send it again."
        )
        raise RefusedError(message, "idempotency_key")


def check_end(ends_at: datetime, now: datetime) -> None:
    """RefusedError for an end that is past, or later than the longest access; the last day counts whole."""
    if ends_at <= now:
        raise RefusedError(_("The end date is in the past. Choose a later day."), "ends_at")
    days = settings.LONGEST_ACCESS_DAYS
    if timezone.localdate(ends_at) > timezone.localdate(now + timedelta(days=days)):
        most = _("Access can last at most %(days)s days. Choose an earlier day.") % {"days": days}
        raise RefusedError(most, "ends_at")
