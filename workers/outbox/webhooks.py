"""Sends webhook deliveries: signed, at least once, over a connection to the address that was checked."""

import ssl
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from fulfilment.background.parts import Faults
from requests_app.notifications.webhooks.addresses import RefusedAddressError, find_url_problem, resolve_host
from requests_app.notifications.webhooks.models import Delivery, Webhook
from requests_app.notifications.webhooks.signatures import build_signature_headers
from workers.outbox.delivery import FIRST_PAUSE, give_up, note_failure, note_sent, take_due

TIMEOUT = urllib3.Timeout(connect=3.0, read=5.0)
GONE = 410
"""The receiver says that it wants no more of this."""


def send_deliveries(*, now: datetime) -> int:
    """Send what is due; how many were taken. Only an answer of 2xx is; nobody is followed elsewhere."""
    count, faults = 0, Faults()
    for delivery in take_due(Delivery, now):
        with faults.caught(
            f"the sending of delivery {delivery.pk}", partial(note_failure, delivery, now=now)
        ):
            count += _send(delivery, now)
    faults.raise_first()
    return count


def _send(delivery: Delivery, now: datetime) -> bool:
    """Whether the receiver took it."""
    if not delivery.webhook.is_active:
        give_up(delivery, "the webhook is switched off", now)
        return False
    try:
        status = post(delivery, now)
    except SSLError as error:
        note_failure(delivery, _distrust(error), now)
        return False
    except (HTTPError, RefusedAddressError) as error:
        note_failure(delivery, f"{type(error).__name__}: {error}", now)
        _leave_alone(delivery.webhook, now)
        return False
    Delivery.objects.filter(pk=delivery.pk).update(status=status)
    if 200 <= status < 300:  # noqa: PLR2004
        note_sent(delivery, now)
        return True
    if status == GONE:
        give_up(delivery, "the receiver answered 410: gone", now)
    else:
        note_failure(delivery, f"the receiver answered {status}", now)
    return False


def _leave_alone(webhook: Webhook, now: datetime) -> None:
    """What else is due there waits a little: others would wait for each of its silences, and it would fill every pass."""
    due = Delivery.objects.filter(webhook=webhook, sent_at=None, gave_up_at=None, due_at__lte=now)
    due.update(due_at=now + FIRST_PAUSE)


def post(delivery: Delivery, now: datetime) -> int:
    """The status of the answer, whose body nobody reads. HTTPError; RefusedAddressError."""
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


def _distrust(error: SSLError) -> str:
    """What is wrong with the receiver's certificate, without OpenSSL's marks around it."""
    cause = error.args[0] if error.args else error
    why = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else cause
    return f"the receiver's certificate is not trusted: {why}"
