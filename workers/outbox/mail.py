"""Sends mails at least once, each attempt under the same Message-ID."""

import logging
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fulfilment.background.tasks import ErrorCollector
from requests_app.display_states.rules import EVENT_STATES
from requests_app.notifications.mail_links import build_link
from requests_app.notifications.models import NotificationMail
from workers.outbox.delivery import claim_due, give_up, mark_sent, record_failure

logger = logging.getLogger(__name__)
MAX_SUBJECT_LENGTH = 150


def send_due_mails(*, now: datetime) -> int:
    """Send due mails; returns how many the server accepted. If the server is down, the rest waits for the next pass."""
    if not settings.MAIL_IS_SENT:
        return 0
    count, connection, faults = 0, get_connection(), ErrorCollector()
    for letter in claim_due(NotificationMail, now):
        with faults.collect(f"the sending of mail {letter.pk}", partial(record_failure, letter, now=now)):
            if not letter.person.is_active:
                give_up(letter, "the person's account is closed", now)
                continue
            try:
                count += _send_mail(letter, connection, now)
            except (SMTPException, OSError) as error:
                logger.warning("no mail goes out just now: %s", error)
                record_failure(letter, str(error) or type(error).__name__, now)
                break
    faults.raise_first()
    return count


def _send_mail(letter: NotificationMail, connection: Any, now: datetime) -> bool:
    """Whether the server accepted it. SMTPException or OSError if the server is not available."""
    message = build_message(letter)
    message.connection = connection
    try:
        message.send()
    except ValueError as error:
        # An address or a line that no mail can have: trying again changes nothing.
        give_up(letter, str(error), now)
        return False
    except SMTPRecipientsRefused as error:
        record_failure(letter, str(error), now)
        return False
    mark_sent(letter, now)
    return True


def build_message(letter: NotificationMail) -> EmailMultiAlternatives:
    """Plain text and HTML; notifications are in order of time."""
    notices = list(letter.notices.select_related("event").order_by("pk"))
    lines = [
        {
            "words": one.words,
            "at": one.event.at,
            "url": build_link(one),
            "state": EVENT_STATES.get(one.event.verb),
        }
        for one in notices
    ]
    subject = notices[0].words
    if len(notices) > 1:
        subject = ngettext("%(n)d notification", "%(n)d notifications", len(notices)) % {"n": len(notices)}
    paces = f"{settings.SITE_URL}/settings/notifications/"
    context = {"name": letter.person.name, "lines": lines, "paces": paces, "subject": subject}
    message = EmailMultiAlternatives(
        subject=_("Meshmarket: %(what)s") % {"what": subject[:MAX_SUBJECT_LENGTH]},
        body=render_to_string("mail/notification.txt", context),
        to=[letter.person.email],
        headers={
            "Message-ID": build_message_id(letter),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{paces}>",
        },
    )
    message.attach_alternative(render_to_string("mail/notification.html", context), "text/html")
    return message


def build_message_id(letter: NotificationMail) -> str:
    """From the mail's key, so that a mail server can recognise duplicates."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{letter.key}@{domain}>"
