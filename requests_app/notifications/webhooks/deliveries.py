"""The deliveries of an audit event, one for each webhook that wants it."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from requests_app.access_requests.may import get_item_domain
from requests_app.notifications.event_context import Story
from requests_app.notifications.event_templates import Telling
from requests_app.notifications.webhooks.models import Delivery, Webhook


def deliveries_of(
    story: Story, telling: Telling, webhooks: Sequence[Webhook], now: datetime
) -> list[Delivery]:
    """Only of what an ask is behind: words between people are nobody else's."""
    if not story.items:
        return []
    domains = {domain.pk for domain in map(get_item_domain, story.items) if domain}
    return [
        Delivery(webhook=one, event=story.event, body=body_of(one, story, telling), made_at=now, due_at=now)
        for one in webhooks
        if (not one.kinds or telling.kind in one.kinds)
        and (one.domain_id is None or domains == {one.domain_id})
    ]


def body_of(webhook: Webhook, story: Story, telling: Telling) -> str:
    """What is sent: to a chat its words, else everything by name. People are named as the words name them."""
    words = story.words(str(telling.words), story.items)
    if webhook.style == Webhook.Style.SLACK:
        return json.dumps({"text": plain(f"{words} {_url(story)}")})
    event = story.event
    said = {
        "id": event.pk,
        "verb": event.verb,
        "kind": str(telling.kind),
        "at": event.at.isoformat(),
        "subject": event.subject,
        "words": words,
        "request": story.items[0].request_id,
        "items": [item.pk for item in story.items],
        "url": _url(story),
        "digest": event.digest,
    }
    return json.dumps(said, sort_keys=True)


def plain(text: str) -> str:
    """Slack reads these three as marks: a name must not become a link or call everyone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _url(story: Story) -> str:
    return f"{settings.SITE_URL}/requests/{story.items[0].request_id}/"
