"""The secret of a webhook, and the signature of a delivery."""

import hashlib
import hmac

from django.conf import settings

from requests_app.notifications.webhooks.models import Webhook


def secret_of(webhook: Webhook) -> str:
    """64 hexadecimal digits."""
    said = f"webhook:{webhook.salt}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


def signature_of(webhook: Webhook, at: int, body: str) -> str:
    """`t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" under the secret, in hexadecimal>`. A receiver refuses an old `t`."""
    mac = hmac.new(secret_of(webhook).encode(), f"{at}.{body}".encode(), hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"
