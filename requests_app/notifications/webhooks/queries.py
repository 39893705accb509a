"""Webhooks and their last deliveries, for those who manage them."""

from django.db.models import Count, Max, Q, QuerySet

from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.notifications.webhooks.may import sees_webhooks
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery

MAX_DELIVERIES = 50


def list_webhooks(person: Person) -> QuerySet[Webhook]:
    """By name, with `last_sent_at`, and how many deliveries are `waiting` or were given up as `failed`. NotFoundError."""
    if not sees_webhooks(person):
        raise NotFoundError
    waiting = Q(deliveries__sent_at=None, deliveries__gave_up_at=None, deliveries__isnull=False)
    rows = Webhook.objects.select_related("domain").annotate(
        last_sent_at=Max("deliveries__sent_at"),
        waiting=Count("deliveries", filter=waiting),
        failed=Count("deliveries", filter=Q(deliveries__gave_up_at__isnull=False)),
    )
    return rows.order_by("name")


def get_webhook(person: Person, pk: int) -> Webhook:
    """NotFoundError."""
    found = Webhook.objects.select_related("domain").filter(pk=pk).first() if sees_webhooks(person) else None
    if found is None:
        raise NotFoundError
    return found


def list_last_deliveries(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """Newest first."""
    rows = WebhookDelivery.objects.filter(webhook=webhook).select_related(
        "event", "change__product", "change__table"
    )
    return rows.order_by("-pk")[:MAX_DELIVERIES]
