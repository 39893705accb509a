"""Turns audit events into notifications and webhook deliveries, in order, exactly once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction

from audit.models import Event, Seal
from background.tasks import ErrorCollector
from identity.people.may import get_team_ids
from identity.people.models import Person
from requests_app.access_requests.models import RequestItem
from requests_app.notifications.event_context import (
    EventContext,
    build_event_context,
    find_page,
    has_own_page,
    list_named_people,
    list_recipients,
)
from requests_app.notifications.event_templates import find_event_template
from requests_app.notifications.kinds import (
    Frequency,
    NotificationChannel,
    NotificationKind,
    list_frequencies,
)
from requests_app.notifications.models import Notification, NotificationSetting, ProjectionPosition
from requests_app.notifications.template_values import SUBJECT_PAGE, EventTemplate, RecipientSide
from requests_app.notifications.webhooks.deliveries import (
    MAX_EVENT_AGE,
    TEST_VERB,
    build_event_deliveries,
    build_test_deliveries,
)
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery

RETIREMENT = "retirement"
SIDES_OF_RETIREMENT = (RecipientSide.ACCOUNT_ADMINS,)
"""Of a grant that ends with its product: the others are told of the product."""


def project_events(*, now: datetime, limit: int = 200) -> int:
    """Project up to `limit` sealed events; returns how many were read. Reading some again changes nothing.

    An event that cannot be told is passed over: PartialFailureError, once the others are told.
    """
    faults = ErrorCollector()
    with transaction.atomic():
        position = ProjectionPosition.objects.select_for_update(skip_locked=True).first()
        if position is None:
            return 0
        seals = list(
            Seal.objects.filter(seq__gt=position.seq).select_related("event").order_by("seq")[:limit]
        )
        if not seals:
            return 0
        webhooks = list(Webhook.objects.filter(is_active=True))
        for seal in seals:
            with faults.collect(f"the template of event {seal.event_id}"), transaction.atomic():
                Notification.objects.bulk_create(build_notifications(seal.event, now), ignore_conflicts=True)
                WebhookDelivery.objects.bulk_create(
                    build_deliveries(webhooks, seal.event, now) if webhooks else [], ignore_conflicts=True
                )
        position.seq = seals[-1].seq
        position.save(update_fields=["seq"])
    faults.raise_first()
    return len(seals)


def build_notifications(event: Event, now: datetime) -> list[Notification]:
    """What the event tells whom, by the table and by what each person chose."""
    template = find_event_template(event.verb)
    if template is None or event.at < now - MAX_EVENT_AGE:
        return []
    context = build_event_context(event)
    by_person: dict[Person, list[RequestItem]] = defaultdict(list)
    sides = SIDES_OF_RETIREMENT if RETIREMENT in event.data else template.sides
    for item in context.items:
        for person in list_recipients(context, item, sides):
            by_person[person].append(item)
    if template.page:
        named_people = list_named_people(context, template.sides, tells_actor=template.tells_actor)
        by_person = {person: [] for person in named_people}
    return [
        row
        for person, items in by_person.items()
        for row in _iterate_notifications(context, template, person, tuple(items), now)
    ]


def build_deliveries(webhooks: Sequence[Webhook], event: Event, now: datetime) -> list[WebhookDelivery]:
    """The same event for foreign systems."""
    if event.verb == TEST_VERB:
        return build_test_deliveries(event, webhooks, now)
    template = find_event_template(event.verb)
    if template is None or event.at < now - MAX_EVENT_AGE:
        return []
    return build_event_deliveries(build_event_context(event), template, webhooks, now)


def _iterate_notifications(
    context: EventContext,
    template: EventTemplate,
    person: Person,
    items: tuple[RequestItem, ...],
    now: datetime,
) -> Iterator[Notification]:
    page, page_id = (
        _choose_page(context, person, items)
        if items
        else (find_page(context.event, template.page), _get_page_id(context, template.page))
    )
    frequencies = (
        dict.fromkeys(list_channels(), Frequency.INSTANT)
        if template.is_alarm
        else get_frequencies(person, template.kind)
    )
    for channel, frequency in frequencies.items():
        if frequency != Frequency.OFF:
            yield Notification(
                event=context.event,
                person=person,
                channel=channel,
                kind=template.kind,
                text=context.format_text(str(template.text), items),
                page=page,
                page_id=page_id,
                created_at=now,
                frequency=frequency,
                due_at=get_next_digest_time(now) if frequency == Frequency.DAILY else now,
            )


def get_frequencies(person: Person, kind: NotificationKind) -> dict[NotificationChannel, Frequency]:
    """The frequency on each channel there is: as the person chose, as far as the kind leaves a choice."""
    rows = NotificationSetting.objects.filter(person=person, kind=kind).values_list("channel", "frequency")
    chosen = {NotificationChannel(channel): Frequency(frequency) for channel, frequency in rows}
    found = {}
    for channel in list_channels():
        offered = list_frequencies(kind, channel)
        found[channel] = chosen[channel] if chosen.get(channel) in offered else offered[0]
    return found


def list_channels() -> tuple[NotificationChannel, ...]:
    """Mail where there is a mail server."""
    return (
        (NotificationChannel.PORTAL, NotificationChannel.MAIL)
        if settings.MAIL_IS_SENT
        else (NotificationChannel.PORTAL,)
    )


def get_next_digest_time(now: datetime) -> datetime:
    """The next time of the day at which digests go out."""
    today = datetime.combine(now.date(), time(settings.DIGEST_HOUR), tzinfo=now.tzinfo)
    return today if today > now else today + timedelta(days=1)


def _get_page_id(context: EventContext, page: str) -> int | None:
    """Of the event's subject, if it has a page of its own. That of a table is named by the event."""
    if page == "table":
        return int(context.event.data["table"])
    kind, _colon, pk = context.event.subject.partition(":")
    return int(pk) if page == SUBJECT_PAGE or has_own_page(kind) else None


def _choose_page(
    context: EventContext, person: Person, items: tuple[RequestItem, ...]
) -> tuple[str, int | None]:
    """The requesting team is linked to the request, others to what they decide on."""
    request = items[0].request
    if person.pk == request.current_requester.pk or request.team_id in get_team_ids(person):
        return "access-request", items[0].request_id
    kind, _colon, pk = context.event.subject.partition(":")
    if kind == "access_review":
        return "access-review", int(pk)
    return ("review", items[0].pk) if len(items) == 1 else ("reviews", None)
