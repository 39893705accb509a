"""Sends notifications, mails and webhook deliveries at least once: one worker claims each row, failures are retried with back-off and jitter, up to a limit."""

import logging
import ssl
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from urllib3.exceptions import HTTPError, SSLError

from catalog.change_feed import number_changes
from catalog.search.alerts import list_alert_hits
from catalog.search.results import Hit
from identity.authentication import (
    REQUEST_VERB,
    build_password_reset_path,
    has_expired,
    may_receive_password_reset,
)
from kernel import clock
from kernel.backoff import compute_backoff
from kernel.clock import now as database_now
from requests_app.display_states.rules import EVENT_STATES
from requests_app.notifications.change_deliveries import create_change_deliveries
from requests_app.notifications.event_templates import translate_notification
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.mail_links import build_link
from requests_app.notifications.models import Notification, NotificationMail, Outgoing
from requests_app.notifications.projection import project_events
from requests_app.notifications.webhooks.addresses import RefusedAddressError, find_url_problem, resolve_host
from requests_app.notifications.webhooks.models import WebhookDelivery
from requests_app.notifications.webhooks.signatures import build_signature_headers

CLAIM_TIMEOUT = timedelta(minutes=2)
"""After this time another worker may claim a row that was not finished."""
INITIAL_PAUSE, MAX_PAUSE = timedelta(seconds=5), timedelta(hours=4)
MAX_ATTEMPTS = 19
"""About a day and a half."""
MAX_FAILURE_LENGTH = 500
Row = TypeVar("Row", bound=Outgoing)


def claim_row(kind: type[Row], row_id: int, now: datetime) -> Row | None:
    """The row, claimed for some minutes; None if it is not due, or another worker has it."""
    due = kind._default_manager.filter(pk=row_id, sent_at=None, gave_up_at=None, due_at__lte=now)  # noqa: SLF001 - Django documents it
    if not due.update(due_at=now + CLAIM_TIMEOUT, attempts=F("attempts") + 1):
        return None
    return kind._default_manager.get(pk=row_id)  # noqa: SLF001


def mark_sent(row: Outgoing, now: datetime) -> None:
    row.sent_at, row.failure = now, ""
    row.save(update_fields=["sent_at", "failure"])


def record_failure(row: Outgoing, reason: str, now: datetime) -> float | None:
    """Schedule the next attempt, or give up after `MAX_ATTEMPTS`; returns the seconds until then. Administration pages show
    the reason.
    """
    row.failure = reason[:MAX_FAILURE_LENGTH]
    row.due_at = now + compute_pause(row.attempts)
    if row.attempts >= MAX_ATTEMPTS:
        row.gave_up_at = now
    row.save(update_fields=["failure", "due_at", "gave_up_at"])
    return None if row.gave_up_at else (row.due_at - now).total_seconds()


def postpone_due(rows: QuerySet[Any], now: datetime) -> None:
    """Postpone those of the rows that are due, as their receiver does not respond: it is asked for one at a time."""
    rows.filter(sent_at=None, gave_up_at=None, due_at__lte=now).update(due_at=now + INITIAL_PAUSE)


def fail_row(kind: type[Outgoing], row_id: int, reason: str) -> None:
    """Schedule another attempt after an unexpected exception."""
    record_failure(kind._default_manager.get(pk=row_id), reason, database_now())  # noqa: SLF001


def give_up(row: Outgoing, reason: str, now: datetime) -> None:
    """Give up at once, as a retry would not help."""
    row.failure, row.gave_up_at = reason[:MAX_FAILURE_LENGTH], now
    row.save(update_fields=["failure", "gave_up_at"])


def compute_pause(attempts: int) -> timedelta:
    first, longest = INITIAL_PAUSE.total_seconds(), MAX_PAUSE.total_seconds()
    return timedelta(seconds=compute_backoff(attempts, initial=first, maximum=longest, jitter=0.25))


def create_notifications() -> None:
    """Create notifications for all sealed events, then the mails that are due, and the change feed with its deliveries."""
    while project_events(now=clock.now()):
        pass
    while create_mails(now=clock.now()):
        pass
    while number_changes():
        pass
    while create_change_deliveries(now=clock.now()):
        pass


MailContent = tuple[str, str, dict[str, Any]]
"""The name of a template, the subject and the template's context."""
SECONDS_PER_MINUTE = 60
logger = logging.getLogger(__name__)
MAX_SUBJECT_LENGTH = 150
MAX_HITS = 10
"""The hits of one alert that a mail lists."""


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
    """Plain text and HTML, in the language that the person chose, else the portal's."""
    with translation.override(mail.person.language or settings.LANGUAGE_CODE):
        template, subject, context = (
            _build_reset_content(mail) if _is_reset_mail(mail) else _build_notification_content(mail)
        )
        context |= {"name": mail.person.name, "subject": subject, "language": translation.get_language()}
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
            "text": translate_notification(notice.event.verb, notice.text),
            "at": notice.event.at,
            "url": build_link(notice),
            "state": EVENT_STATES.get(notice.event.verb),
            **_build_search_context(notice),
        }
        for notice in notices
    ]
    subject = lines[0]["text"]
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


TIMEOUT = urllib3.Timeout(connect=3.0, read=5.0)
HTTP_GONE = 410
"""The receiver does not want further deliveries."""


def send_delivery(delivery_id: int, *, now: datetime) -> float | None:
    """Send the delivery if it is due; a 2xx response succeeds, redirects are not followed. Returns the seconds until the
    next attempt if this one failed and there is another.
    """
    delivery = claim_row(WebhookDelivery, delivery_id, now)
    if delivery is None:
        return None
    if not delivery.webhook.is_active:
        give_up(delivery, "the webhook is switched off", now)
        return None
    try:
        status = post_delivery(delivery, now)
    except SSLError as error:
        # The certificate problem as a sentence, without OpenSSL's codes.
        cause = error.args[0] if error.args else error
        why = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else cause
        return record_failure(delivery, f"the receiver's certificate is not trusted: {why}", now)
    except (HTTPError, RefusedAddressError) as error:
        wait = record_failure(delivery, f"{type(error).__name__}: {error}", now)
        postpone_due(WebhookDelivery.objects.filter(webhook=delivery.webhook), now)
        return wait
    WebhookDelivery.objects.filter(pk=delivery.pk).update(status=status)
    return _record_response(delivery, status, now)


def _record_response(delivery: WebhookDelivery, status: int, now: datetime) -> float | None:
    if 200 <= status < 300:  # noqa: PLR2004
        mark_sent(delivery, now)
        return None
    if status == HTTP_GONE:
        give_up(delivery, "the receiver answered 410: gone", now)
        return None
    return record_failure(delivery, f"the receiver answered {status}", now)


def post_delivery(delivery: WebhookDelivery, now: datetime) -> int:
    """Returns the response's status; the body is not read. HTTPError; RefusedAddressError."""
    url = delivery.webhook.url
    if words := find_url_problem(url):
        raise RefusedAddressError(words)
    parts = urlsplit(url)
    host, is_https = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    address = resolve_host(host, port)
    pool = (
        urllib3.HTTPSConnectionPool(
            address, port, timeout=TIMEOUT, retries=False, server_hostname=host, assert_hostname=host
        )
        if is_https
        else urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT, retries=False)
    )
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Meshmarket",
        **build_signature_headers(delivery, now),
    }
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    with pool:
        answer = pool.urlopen(
            "POST", path, body=delivery.body.encode(), headers=headers, redirect=False, preload_content=False
        )
        answer.close()
        return answer.status
