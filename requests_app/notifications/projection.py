"""Turns audit events into notices and webhook deliveries, in order, exactly once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction

from audit.models import Event, Seal
from fulfilment.background.parts import Faults
from identity.people.may import teams_of
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.notifications.event_context import Story, concerned, named, story_of
from requests_app.notifications.event_templates import TOLD, Telling
from requests_app.notifications.kinds import Channel, Kind, Pace, paces_of
from requests_app.notifications.models import Notice, NoticeChoice, ToldUpTo
from requests_app.notifications.webhooks.deliveries import deliveries_of
from requests_app.notifications.webhooks.models import Delivery, Webhook

OLDEST = timedelta(days=7)
"""What is older than this when it is read is history, and tells nobody."""


def project(*, now: datetime, most: int = 200) -> int:
    """Tell of the next `most` sealed events at most; how many were read. Reading some again changes nothing.

    An event that cannot be told is passed over: PartlyFailedError, once the others are told.
    """
    faults = Faults()
    with transaction.atomic():
        told = ToldUpTo.objects.select_for_update(skip_locked=True).first()
        if told is None:
            return 0
        seals = list(Seal.objects.filter(seq__gt=told.seq).select_related("event").order_by("seq")[:most])
        if not seals:
            return 0
        webhooks = list(Webhook.objects.filter(is_active=True))
        for seal in seals:
            with faults.caught(f"the telling of event {seal.event_id}"), transaction.atomic():
                _tell(seal.event, webhooks, now)
        told.seq = seals[-1].seq
        told.save(update_fields=["seq"])
    faults.raise_first()
    return len(seals)


def _tell(event: Event, webhooks: Sequence[Webhook], now: datetime) -> None:
    Notice.objects.bulk_create(notices_of(event, now), ignore_conflicts=True)
    Delivery.objects.bulk_create(
        deliveries_to(webhooks, event, now) if webhooks else [], ignore_conflicts=True
    )


def notices_of(event: Event, now: datetime) -> list[Notice]:
    """What the event tells whom, by the table and by what each person chose."""
    telling = TOLD.get(event.verb)
    if telling is None or event.at < now - OLDEST:
        return []
    story = story_of(event)
    by_person: dict[Person, list[Item]] = defaultdict(list)
    for item in story.items:
        for person in concerned(story, item, telling.whom):
            by_person[person].append(item)
    if telling.page:
        by_person = {person: [] for person in named(story)}
    return [
        row for person, items in by_person.items() for row in _rows(story, telling, person, tuple(items), now)
    ]


def deliveries_to(webhooks: Sequence[Webhook], event: Event, now: datetime) -> list[Delivery]:
    """The same event for foreign systems."""
    telling = TOLD.get(event.verb)
    if telling is None or event.at < now - OLDEST:
        return []
    return deliveries_of(story_of(event), telling, webhooks, now)


def _rows(
    story: Story, telling: Telling, person: Person, items: tuple[Item, ...], now: datetime
) -> Iterator[Notice]:
    page, page_id = _page(story, person, items) if items else (telling.page, None)
    paces = dict.fromkeys(channels(), Pace.INSTANT) if telling.is_alarm else chosen(person, telling.kind)
    for channel, pace in paces.items():
        if pace != Pace.OFF:
            yield Notice(
                event=story.event,
                person=person,
                channel=channel,
                kind=telling.kind,
                words=story.words(str(telling.words), items),
                page=page,
                page_id=page_id,
                made_at=now,
                pace=pace,
                due_at=next_digest(now) if pace == Pace.DIGEST else now,
            )


def chosen(person: Person, kind: Kind) -> dict[Channel, Pace]:
    """The pace on each channel there is: as the person chose, as far as the kind leaves a choice."""
    rows = NoticeChoice.objects.filter(person=person, kind=kind).values_list("channel", "pace")
    said = {Channel(channel): Pace(pace) for channel, pace in rows}
    found = {}
    for channel in channels():
        offered = paces_of(kind, channel)
        found[channel] = said[channel] if said.get(channel) in offered else offered[0]
    return found


def channels() -> tuple[Channel, ...]:
    """Mail where there is a mail server."""
    return (Channel.PORTAL, Channel.MAIL) if settings.MAIL_IS_SENT else (Channel.PORTAL,)


def next_digest(now: datetime) -> datetime:
    """The next time of the day at which digests go out."""
    today = datetime.combine(now.date(), time(settings.DIGEST_HOUR), tzinfo=now.tzinfo)
    return today if today > now else today + timedelta(days=1)


def _page(story: Story, person: Person, items: tuple[Item, ...]) -> tuple[str, int | None]:
    """The team that asks is led to the request; others to what they decide on."""
    request = items[0].request
    if person.pk == request.asker.pk or request.team_id in teams_of(person):
        return "request", items[0].request_id
    kind, _colon, pk = story.event.subject.partition(":")
    if kind == "campaign":
        return kind, int(pk)
    return ("review", items[0].pk) if len(items) == 1 else ("inbox", None)
