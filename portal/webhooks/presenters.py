"""Deliveries of webhooks as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from requests_app.display_states.vocabulary import CheckMark
from requests_app.notifications.webhooks.models import WebhookDelivery


@dataclass(frozen=True)
class DeliveryRow:
    """`result` in words; `is_ended`: it can be sent again."""

    delivery: WebhookDelivery
    subject: str
    result: str
    mark: CheckMark
    is_ended: bool


def build_delivery_rows(deliveries: Iterable[WebhookDelivery]) -> list[DeliveryRow]:
    return [_build_row(one) for one in deliveries]


def _build_row(delivery: WebhookDelivery) -> DeliveryRow:
    mark, result = CheckMark.WORKING, _("waits")
    if delivery.sent_at:
        mark, result = CheckMark.YES, _("delivered")
    elif delivery.gave_up_at:
        mark, result = CheckMark.NO, _("given up")
    elif delivery.attempts:
        mark, result = CheckMark.ATTENTION, _("failed, is tried again")
    return DeliveryRow(
        delivery, _describe_subject(delivery), result, mark, bool(delivery.sent_at or delivery.gave_up_at)
    )


def _describe_subject(delivery: WebhookDelivery) -> str:
    change = delivery.change
    if change is None:
        return delivery.subject
    name = change.product.name if change.product else change.table.name if change.table else ""
    return f"{name}: {change.get_action_display()}"
