"""Sends mails at least once, each attempt under the same Message-ID."""

import logging
from datetime import datetime
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.search.alerts.queries import list_alert_hits
from catalog.search.results import Hit
from identity.authentication.may import may_receive_password_reset
from identity.authentication.reset_requests import REQUEST_VERB, has_expired
from identity.authentication.tokens import build_password_reset_path
from requests_app.display_states.rules import EVENT_STATES
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.mail_links import build_link
from requests_app.notifications.models import Notification, NotificationMail
from workers.outbox.delivery import claim_row, give_up, mark_sent, postpone_due, record_failure

MailContent = tuple[str, str, dict[str, Any]]
"""The name of a template, the subject and the template's context."""
SECONDS_PER_MINUTE = 60
logger = logging.getLogger(__name__)
MAX_SUBJECT_LENGTH = 150
MAX_HITS = 10
"""Of one alert that a mail lists."""


def send_mail(mail_id: int, *, now: datetime) -> float | None:
    """Send the mail if it is due; returns the seconds until the next attempt if this one failed and there is another."""
    mail = claim_row(NotificationMail, mail_id, now) if settings.MAIL_IS_SENT else None
    if mail is None:
        return None
    if problem := find_recipient_problem(mail, now):
        give_up(mail, problem, now)
        return None
    try:
        build_message(mail).send()
    except ValueError as error:
        # An address or a line that no mail can have: trying again changes nothing.
        give_up(mail, str(error), now)
        return None
    except SMTPRecipientsRefused as error:
        return record_failure(mail, str(error), now)
    except (SMTPException, OSError) as error:
        logger.warning("mail %s was not sent: %s", mail.pk, error)
        wait = record_failure(mail, str(error) or type(error).__name__, now)
        postpone_due(NotificationMail.objects.all(), now)
        return wait
    mark_sent(mail, now)
    return None


def find_recipient_problem(mail: NotificationMail, now: datetime) -> str:
    """Why the mail must not be sent to its person any more, or empty."""
    if not mail.person.is_active:
        return "the person's account is closed"
    if not _is_reset_mail(mail):
        return ""
    if not may_receive_password_reset(mail.person):
        return "the person has no password to reset"
    if has_expired(mail.notices.get().event.at, now):
        return "the request was made too long ago"
    return ""


def build_message(mail: NotificationMail) -> EmailMultiAlternatives:
    """Plain text and HTML."""
    template, subject, context = (
        _build_reset_content(mail) if _is_reset_mail(mail) else _build_notification_content(mail)
    )
    context |= {"name": mail.person.name, "subject": subject}
    message = EmailMultiAlternatives(
        subject=_("Meshmarket: %(what)s") % {"what": subject[:MAX_SUBJECT_LENGTH]},
        body=render_to_string(f"mail/{template}.txt", context),
        to=[mail.person.email],
        headers={"Message-ID": build_message_id(mail), "Auto-Submitted": "auto-generated"},
    )
    if "frequencies" in context:
        message.extra_headers["List-Unsubscribe"] = f"<{context['frequencies']}>"
    message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return message


def _build_notification_content(mail: NotificationMail) -> MailContent:
    """Notifications are in order of time."""
    notices = list(mail.notices.select_related("event").order_by("pk"))
    lines = [
        {
            "text": one.text,
            "at": one.event.at,
            "url": build_link(one),
            "state": EVENT_STATES.get(one.event.verb),
            **_build_search_context(one),
        }
        for one in notices
    ]
    subject = notices[0].text
    if len(notices) > 1:
        subject = ngettext("%(n)d notification", "%(n)d notifications", len(notices)) % {"n": len(notices)}
    frequencies = f"{settings.SITE_URL}/settings/notifications/"
    return "notification", subject, {"lines": lines, "frequencies": frequencies}


def _build_search_context(notification: Notification) -> dict[str, Any]:
    """What an alert found, as its person sees it now, and where to change the alert."""
    if notification.kind != NotificationKind.SAVED_SEARCH or notification.page_id is None:
        return {"hits": [], "alert_url": ""}
    hits = list_alert_hits(notification.page_id, notification.event.at, MAX_HITS)
    return {
        "hits": [
            {"name": hit.name, "place": hit.place, "url": settings.SITE_URL + build_hit_path(hit)}
            for hit in hits
        ],
        "alert_url": f"{settings.SITE_URL}/saved-searches/{notification.page_id}/",
    }


def build_hit_path(hit: Hit) -> str:
    return f"/data-products/{hit.slug}/" if hit.kind == "product" else f"/tables/{hit.pk}/"


def build_message_id(mail: NotificationMail) -> str:
    """From the mail's key, so that a mail server can recognise duplicates."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{mail.key}@{domain}>"


# The mail with a link that resets a password. Its token is made when the mail is sent, and stored nowhere.
def _is_reset_mail(mail: NotificationMail) -> bool:
    """Such a notification is sent at once, so that it is the only one of its mail."""
    return mail.notices.filter(event__verb=REQUEST_VERB).exists()


def _build_reset_content(mail: NotificationMail) -> MailContent:
    context = {
        "email": mail.person.email,
        "url": settings.SITE_URL + build_password_reset_path(mail.person),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // SECONDS_PER_MINUTE,
    }
    return "password_reset", _("Reset your password"), context
