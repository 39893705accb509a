"""Change the secret of a webhook, and send a delivery again."""

from datetime import datetime

from django.db import transaction

from identity.errors import NotFoundError, require_allowed
from identity.people.events import record_by_person
from identity.people.models import Person
from requests_app.notifications.webhooks.may import may_change_secret, may_redeliver
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery, generate_salt
from requests_app.notifications.webhooks.signatures import get_secret


@transaction.atomic(durable=True)
def change_secret(*, acting_user: Person, webhook_id: int, now: datetime) -> str:
    """The new secret, which nothing shows again; the old one signs nothing any more. ForbiddenError, NotFoundError."""
    require_allowed(may_change_secret(acting_user))
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFoundError
    webhook.salt = generate_salt()
    webhook.save(update_fields=["salt"])
    subject = f"webhook:{webhook.pk}"
    record_by_person("change_secret", acting_user, subject, {}, now)
    return get_secret(webhook)


@transaction.atomic(durable=True)
def redeliver(*, acting_user: Person, delivery_id: int, now: datetime) -> WebhookDelivery:
    """Send the delivery again with the same body and id. Raises ForbiddenError, NotFoundError."""
    require_allowed(may_redeliver(acting_user))
    delivery = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFoundError
    delivery.sent_at = delivery.gave_up_at = None
    delivery.due_at, delivery.attempts, delivery.replays = now, 0, delivery.replays + 1
    delivery.save(update_fields=["sent_at", "gave_up_at", "due_at", "attempts", "replays"])
    subject = f"delivery:{delivery.pk}"
    record_by_person("redeliver", acting_user, subject, {}, now)
    return delivery
