"""The mail with a link that resets a password. Its token is made when the mail is sent, and stored nowhere."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from identity.authentication.may import may_receive_password_reset
from identity.authentication.reset_requests import REQUEST_VERB, has_expired
from identity.authentication.tokens import build_password_reset_path
from requests_app.notifications.models import NotificationMail

MailContent = tuple[str, str, dict[str, Any]]
"""The name of a template, the subject and the template's context."""
SECONDS_PER_MINUTE = 60


def is_reset_mail(mail: NotificationMail) -> bool:
    """Such a notification is sent at once, so that it is the only one of its mail."""
    return mail.notices.filter(event__verb=REQUEST_VERB).exists()


def find_reset_problem(mail: NotificationMail, now: datetime) -> str:
    """Why no link must be sent any more, or empty."""
    if not may_receive_password_reset(mail.person):
        return "the person has no password to reset"
    if has_expired(mail.notices.get().event.at, now):
        return "the request was made too long ago"
    return ""


def build_reset_content(mail: NotificationMail) -> MailContent:
    context = {
        "email": mail.person.email,
        "url": settings.SITE_URL + build_password_reset_path(mail.person),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // SECONDS_PER_MINUTE,
    }
    return "password_reset", _("Reset your password"), context
