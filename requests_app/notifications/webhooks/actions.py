"""Save a webhook, test it, change its secret, and send a delivery again."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from requests_app.notifications.webhooks.addresses import find_url_problem
from requests_app.notifications.webhooks.deliveries import TEST_VERB
from requests_app.notifications.webhooks.may import (
    may_change_secret,
    may_redeliver,
    may_save_webhook,
    may_test_webhook,
)
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery, generate_salt
from requests_app.notifications.webhooks.signatures import get_secret

MAX_NAME_LENGTH, MAX_URL_LENGTH = 80, 500


@dataclass(frozen=True)
class WebhookContent:
    """What people say about a webhook. Without an `url` the address stays. `domain` is a slug, or empty for all."""

    name: str
    url: str
    style: str
    sends_events: bool
    changes: str
    domain: str
    is_active: bool


@transaction.atomic(durable=True)
def save_webhook(
    *, acting_user: Person, webhook_id: int | None, content: WebhookContent, now: datetime
) -> Webhook:
    """A new one if `webhook_id` is None. ForbiddenError, NotFoundError, RefusedError for an invalid member."""
    require_allowed(may_save_webhook(acting_user))
    webhook = Webhook() if webhook_id is None else _lock_webhook(webhook_id)
    if not content.name or len(content.name) > MAX_NAME_LENGTH:
        raise RefusedError(_("Name it, with at most 80 characters."), "name")
    if Webhook.objects.filter(name=content.name).exclude(pk=webhook.pk).exists():
        raise RefusedError(_("Another webhook has this name."), "name")
    if not content.url and not webhook.url:
        raise RefusedError(_("Enter the address."), "url")
    if content.url and (problem := find_url_problem(content.url)):
        raise RefusedError(problem, "url")
    if len(content.url) > MAX_URL_LENGTH:
        raise RefusedError(_("The address can have at most 500 characters."), "url")
    if content.style not in Webhook.Style.values:
        raise RefusedError(_("Choose a format."), "style")
    if content.changes not in Webhook.Changes.values:
        raise RefusedError(_("Choose which changes it gets."), "changes")
    webhook.name, webhook.style, webhook.changes = content.name, content.style, content.changes
    webhook.sends_events, webhook.is_active = content.sends_events, content.is_active
    webhook.url = content.url or webhook.url
    webhook.domain = _find_domain(content.domain)
    webhook.save()
    data = {"what": webhook.name, "changes": webhook.changes, "is_active": webhook.is_active}
    record_by_person("save_webhook", acting_user, f"webhook:{webhook.pk}", data, now)
    return webhook


@transaction.atomic(durable=True)
def test_webhook(*, acting_user: Person, webhook_id: int, now: datetime) -> Webhook:
    """The worker sends it a delivery that says that it is a test. ForbiddenError, NotFoundError, RefusedError if it is switched
    off.
    """
    require_allowed(may_test_webhook(acting_user))
    webhook = _lock_webhook(webhook_id)
    if not webhook.is_active:
        raise RefusedError(_("This webhook is switched off. Switch it on to test it."))
    record_by_person(TEST_VERB, acting_user, f"webhook:{webhook.pk}", {"what": webhook.name}, now)
    return webhook


def _lock_webhook(webhook_id: int) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFoundError
    return webhook


def _find_domain(slug: str) -> Domain | None:
    if not slug:
        return None
    domain = Domain.objects.filter(slug=slug).first()
    if domain is None:
        raise RefusedError(_("There is no such domain."), "domain")
    return domain


@transaction.atomic(durable=True)
def change_secret(*, acting_user: Person, webhook_id: int, now: datetime) -> str:
    """The new secret, which nothing shows again; the old one signs nothing any more. ForbiddenError, NotFoundError."""
    require_allowed(may_change_secret(acting_user))
    webhook = _lock_webhook(webhook_id)
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
