"""Rows of the notification list, and the frequency settings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from fulfilment.observations.models import ReadingTimes
from identity.people.models import Person
from requests_app.access_requests.may import list_visible_items
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS, prefetch_item_rows
from requests_app.display_states.rules import EVENT_STATES, get_request_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.models import Grant
from requests_app.notifications.kinds import (
    Frequency,
    NotificationChannel,
    NotificationKind,
    list_frequencies,
)
from requests_app.notifications.models import Notification
from requests_app.notifications.projection import get_frequencies, list_channels
from requests_app.review.access_status import get_display_state


@dataclass(frozen=True)
class FrequencyField:
    """`name` is `<kind>-<channel>`; with a single frequency there is no choice."""

    name: str
    label: str
    selected: Frequency
    choices: Sequence[Frequency]


@dataclass(frozen=True)
class FrequencyRow:
    kind: NotificationKind
    fields: Sequence[FrequencyField]


@dataclass(frozen=True)
class NotificationRow:
    """`state` is the present one of what it is about, else that after its event; none that may have passed."""

    notification: Notification
    state: DisplayState | None


def build_notification_rows(
    person: Person, notifications: Sequence[Notification], now: datetime
) -> list[NotificationRow]:
    """A few queries for any number of them."""
    subjects = {
        notification.event.subject
        for notification in notifications
        if notification.event.verb in EVENT_STATES
    }
    ids: dict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _colon, number = subject.partition(":")
        if number.isdecimal():
            ids[kind].add(int(number))
    wanted = (
        Q(request__in=ids["request"])
        | Q(pk__in=ids["item"])
        | Q(grant__in=ids["grant"])
        | Q(grant__intent__in=ids["intent"])
    )
    items = list_visible_items(person).filter(wanted)
    rows = list(prefetch_item_rows(items, ITEM_RELATED_FIELDS)) if subjects else []
    states: dict[str, list[DisplayState]] = defaultdict(list)
    readings = ReadingTimes()
    for item in rows:
        grant: Grant | None = getattr(item, "grant", None)
        keys = [f"request:{item.request_id}", f"item:{item.pk}"]
        keys += [f"grant:{grant.pk}", f"intent:{grant.intent_id}"] if grant else []
        state = get_display_state(item, now, readings)
        for key in keys:
            states[key].append(state)
    present = {key: get_request_state(found) for key, found in states.items()}
    return [
        NotificationRow(notification, _find_state(notification, present)) for notification in notifications
    ]


def _find_state(notification: Notification, present: Mapping[str, DisplayState]) -> DisplayState | None:
    after = EVENT_STATES.get(notification.event.verb)
    if after is None:
        return None
    state = present.get(notification.event.subject, after)
    return state if state is not after or state.is_final else None


def get_target_url(notification: Notification) -> str:
    """URL of the page that the notification links to."""
    return reverse(notification.page, args=[notification.page_id] if notification.page_id else [])


def build_frequency_rows(person: Person) -> list[FrequencyRow]:
    """One query for each kind."""
    return [
        FrequencyRow(
            kind,
            [
                FrequencyField(
                    f"{kind}-{channel}", str(channel.label), selected, list_frequencies(kind, channel)
                )
                for channel, selected in get_frequencies(person, kind).items()
            ],
        )
        for kind in NotificationKind
    ]


def parse_frequencies(
    said: Mapping[str, str],
) -> dict[tuple[NotificationKind, NotificationChannel], Frequency]:
    """Missing and invalid fields are left unchanged."""
    return {
        (kind, channel): Frequency(said[name])
        for kind in NotificationKind
        for channel in list_channels()
        if said.get(name := f"{kind}-{channel}") in Frequency.values
    }
