"""Sends letters to the mail server at least once, each time under the same Message-ID."""

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

from fulfilment.background.parts import Faults
from requests_app.display_states.rules import EVENT_STATES
from requests_app.notifications.mail_links import build_link
from requests_app.notifications.models import Letter
from workers.outbox.delivery import give_up, note_failure, note_sent, take_due

logger = logging.getLogger(__name__)
LONGEST_SUBJECT = 150


def send_letters(*, now: datetime) -> int:
    """Send what is due; how many were taken by the server. One that is down is left alone until the next pass."""
    if not settings.MAIL_IS_SENT:
        return 0
    count, connection, faults = 0, get_connection(), Faults()
    for letter in take_due(Letter, now):
        with faults.caught(f"the sending of letter {letter.pk}", partial(note_failure, letter, now=now)):
            if not letter.person.is_active:
                give_up(letter, "the person's account is closed", now)
                continue
            try:
                count += _send(letter, connection, now)
            except (SMTPException, OSError) as error:
                logger.warning("no mail goes out just now: %s", error)
                note_failure(letter, str(error) or type(error).__name__, now)
                break
    faults.raise_first()
    return count


def _send(letter: Letter, connection: Any, now: datetime) -> bool:
    """Whether the server took it. SMTPException and OSError of a server that takes nothing just now."""
    message = message_of(letter)
    message.connection = connection
    try:
        message.send()
    except ValueError as error:
        # An address or a line that no mail can have: trying again changes nothing.
        give_up(letter, str(error), now)
        return False
    except SMTPRecipientsRefused as error:
        note_failure(letter, str(error), now)
        return False
    note_sent(letter, now)
    return True


def message_of(letter: Letter) -> EmailMultiAlternatives:
    """Plain and HTML; a day's notices newest last."""
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
        subject=_("Meshmarket: %(what)s") % {"what": subject[:LONGEST_SUBJECT]},
        body=render_to_string("mail/letter.txt", context),
        to=[letter.person.email],
        headers={
            "Message-ID": message_id(letter),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{paces}>",
        },
    )
    message.attach_alternative(render_to_string("mail/letter.html", context), "text/html")
    return message


def message_id(letter: Letter) -> str:
    """From the letter's key, so that a mail that arrives twice is known as one."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{letter.key}@{domain}>"
