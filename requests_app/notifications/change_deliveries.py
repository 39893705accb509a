"""The deliveries of the change feed, one for each change and each webhook that wants it."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from catalog.change_feed import Change, list_shared_changes
from requests_app.notifications.models import ProjectionPosition
from requests_app.notifications.webhooks.deliveries import MAX_EVENT_AGE, escape_for_slack
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery

BATCH = 200


def create_change_deliveries(*, now: datetime) -> int:
    """Make deliveries of the next changes; returns how many changes were read. Reading some again changes nothing."""
    with transaction.atomic():
        position = ProjectionPosition.objects.select_for_update(skip_locked=True).first()
        if position is None:
            return 0
        rows = Change.objects.filter(seq__gt=position.change_seq).order_by("seq")[:BATCH]
        numbers = list(rows.values_list("seq", flat=True))
        if not numbers:
            return 0
        webhooks = Webhook.objects.filter(is_active=True).exclude(changes=Webhook.Changes.NONE)
        for webhook in webhooks:
            wanted_rows = list_shared_changes(of_all=webhook.changes == Webhook.Changes.ALL)
            wanted_rows = wanted_rows.filter(at__gte=now - MAX_EVENT_AGE).order_by("seq")
            wanted = wanted_rows.select_related("product__domain", "table__database__domain")
            changes = wanted.filter(seq__in=numbers)
            change_deliveries = build_change_deliveries(webhook, list(changes), now)
            WebhookDelivery.objects.bulk_create(change_deliveries, ignore_conflicts=True)
        position.change_seq = numbers[-1]
        position.save(update_fields=["change_seq"])
    return len(numbers)


def build_change_deliveries(
    webhook: Webhook, changes: Sequence[Change], now: datetime
) -> list[WebhookDelivery]:
    """Takes changes, of which those of the webhook's domain count, if it has one."""
    return [
        WebhookDelivery(
            webhook=webhook,
            change=change,
            body=build_change_body(webhook, change),
            created_at=now,
            due_at=now,
        )
        for change in changes
        if webhook.domain_id is None or _get_domain_id(change) == webhook.domain_id
    ]


def build_change_body(webhook: Webhook, change: Change) -> str:
    """As in the API's feed; to a chat in words."""
    if webhook.style == Webhook.Style.SLACK:
        words = f"{_get_name(change)}: {change.get_action_display()} ({change.get_kind_display()})"
        return json.dumps({"text": escape_for_slack(f"{words} {_build_url(change)}")})
    body = {
        "id": str(change.token),
        "type": "change",
        "at": change.at.isoformat(),
        "kind": change.kind,
        "action": change.action,
        "data_product": change.product.slug if change.product else None,
        "table": str(change.table_id) if change.table_id else None,
        "name": _get_name(change),
        "details": change.data,
        "url": _build_url(change),
    }
    return json.dumps(body, sort_keys=True)


def _get_domain_id(change: Change) -> int | None:
    if change.product:
        return change.product.domain_id
    return change.table.database.domain_id if change.table else None


def _get_name(change: Change) -> str:
    return change.product.name if change.product else str(change.table)


def _build_url(change: Change) -> str:
    path = f"data-products/{change.product.slug}" if change.product else f"tables/{change.table_id}"
    return f"{settings.SITE_URL}/{path}/"
