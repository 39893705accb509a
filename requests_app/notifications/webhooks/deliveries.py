"""The deliveries of an audit event, one for each webhook that wants it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from audit.models import Event
from requests_app.access_requests.may import get_item_domain
from requests_app.notifications.event_context import EventContext
from requests_app.notifications.template_values import EventTemplate
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery

MAX_EVENT_AGE = timedelta(days=7)
"""What is older than this when it is read is history, and tells nobody."""

TEST_VERB = "test_webhook"
TEST_TEXT = "Meshmarket: this is a test of the webhook."


def build_test_deliveries(event: Event, webhooks: Sequence[Webhook], now: datetime) -> list[WebhookDelivery]:
    """Builds deliveries of the webhook that somebody tests."""
    return [
        WebhookDelivery(
            webhook=webhook, event=event, body=_build_test_body(webhook, event), created_at=now, due_at=now
        )
        for webhook in webhooks
        if event.subject == f"webhook:{webhook.pk}"
    ]


def _build_test_body(webhook: Webhook, event: Event) -> str:
    if webhook.style == Webhook.Style.SLACK:
        return json.dumps({"text": TEST_TEXT})
    body = {"id": event.pk, "type": "test", "at": event.at.isoformat(), "words": TEST_TEXT}
    return json.dumps(body, sort_keys=True)


def build_event_deliveries(
    context: EventContext, template: EventTemplate, webhooks: Sequence[Webhook], now: datetime
) -> list[WebhookDelivery]:
    """Only events of requests; comments between people are never delivered."""
    if not context.items:
        return []
    domains = {domain.pk for domain in map(get_item_domain, context.items) if domain}
    return [
        WebhookDelivery(
            webhook=webhook,
            event=context.event,
            body=build_body(webhook, context, template),
            created_at=now,
            due_at=now,
        )
        for webhook in webhooks
        if webhook.sends_events
        and (not webhook.kinds or template.kind in webhook.kinds)
        and (webhook.domain_id is None or domains == {webhook.domain_id})
    ]


def build_body(webhook: Webhook, context: EventContext, template: EventTemplate) -> str:
    """What is sent: to a chat its words, else everything by name. People are named as the words name them."""
    words = context.format_text(str(template.text), context.items)
    if webhook.style == Webhook.Style.SLACK:
        return json.dumps({"text": escape_for_slack(f"{words} {_build_url(context)}")})
    event = context.event
    body = {
        "id": event.pk,
        "verb": event.verb,
        "kind": str(template.kind),
        "at": event.at.isoformat(),
        "subject": event.subject,
        "words": words,
        "request": context.items[0].request_id,
        "items": [item.pk for item in context.items],
        "url": _build_url(context),
        "digest": event.digest,
    }
    return json.dumps(body, sort_keys=True)


def escape_for_slack(text: str) -> str:
    """Slack reads these three as marks: a name must not become a link or call everyone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _build_url(context: EventContext) -> str:
    return f"{settings.SITE_URL}/access-requests/{context.items[0].request_id}/"
