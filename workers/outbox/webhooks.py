"""Sends webhook deliveries: signed, at least once, over a connection to the address that was checked."""

import ssl
from datetime import datetime
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from requests_app.notifications.webhooks.addresses import RefusedAddressError, find_url_problem, resolve_host
from requests_app.notifications.webhooks.models import WebhookDelivery
from requests_app.notifications.webhooks.signatures import build_signature_headers
from workers.outbox.delivery import claim_row, give_up, mark_sent, postpone_due, record_failure

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
