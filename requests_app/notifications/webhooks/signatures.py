"""Signatures of webhooks by Standard Webhooks (https://www.standardwebhooks.com).

The secret is made of the site's secret key and the webhook's salt: it is stored nowhere, is shown once when it is made, and
who reads the database alone cannot sign.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from django.conf import settings
from standardwebhooks import Webhook as Signer

from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery


def get_secret(webhook: Webhook) -> str:
    """`whsec_` and 32 bytes in base64."""
    salted = f"webhook:{webhook.salt}".encode()
    key = hmac.new(settings.SECRET_KEY.encode(), salted, hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(key).decode()}"


def build_signature_headers(delivery: WebhookDelivery, at: datetime) -> dict[str, str]:
    """`webhook-id` is the id of the event or change: the same at each attempt."""
    identifier, body = delivery.message_id, delivery.body
    signer = Signer(get_secret(delivery.webhook))
    return {
        "webhook-id": identifier,
        "webhook-timestamp": f"{int(at.timestamp())}",
        "webhook-signature": signer.sign(identifier, at.astimezone(UTC), body),
    }
