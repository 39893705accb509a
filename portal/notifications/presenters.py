"""Notices made ready for their page: what is sought, as the address says it, where each leads, and the paces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from identity.people.models import Person
from portal.pages.row_ids import id_in
from requests_app.display_states.rules import EVENT_STATES
from requests_app.display_states.vocabulary import DisplayState
from requests_app.notifications.kinds import (
    Frequency,
    NotificationChannel,
    NotificationKind,
    list_frequencies,
)
from requests_app.notifications.models import Notice
from requests_app.notifications.projection import get_frequencies, list_channels
from requests_app.notifications.queries import NoticeQuery


@dataclass(frozen=True)
class PaceField:
    """A field of the form: `name` is `<kind>-<channel>`; with one pace there is nothing to choose."""

    name: str
    label: str
    chosen: Frequency
    offered: Sequence[Frequency]


@dataclass(frozen=True)
class PaceRow:
    kind: NotificationKind
    fields: Sequence[PaceField]


def sought_of(said: Mapping[str, str]) -> NoticeQuery:
    """What an address asks for; what it says wrongly counts for nothing."""
    return NoticeQuery(
        kind=said["kind"] if said.get("kind") in NotificationKind.values else "",
        new_only=said.get("new") == "1",
        before=id_in(said.get("before", "")),
    )


def address_of(sought: NoticeQuery) -> str:
    values = {"kind": sought.kind, "new": "1" if sought.new_only else "", "before": sought.before}
    return "?" + urlencode({name: str(value) for name, value in values.items() if value})


def tabs(sought: NoticeQuery) -> list[tuple[str, str, bool]]:
    """All, or those not read yet: words, address, whether it is shown."""
    words = {False: _("All"), True: _("New")}
    return [
        (label, address_of(replace(sought, new_only=new, before=None)), sought.new_only == new)
        for new, label in words.items()
    ]


@dataclass(frozen=True)
class NoticeShown:
    """`state` is the one that its event led to, None where it led to none."""

    notice: Notice
    state: DisplayState | None


def notices_shown(notices: Sequence[Notice]) -> list[NoticeShown]:
    return [NoticeShown(notice, EVENT_STATES.get(notice.event.verb)) for notice in notices]


def target_of(notice: Notice) -> str:
    """The page that the notice leads to."""
    return reverse(notice.page, args=[notice.page_id] if notice.page_id else [])


def pace_rows(person: Person) -> list[PaceRow]:
    """Each kind with its field on each channel there is. A query for each kind."""
    return [
        PaceRow(kind, [_field(kind, *one) for one in get_frequencies(person, kind).items()])
        for kind in NotificationKind
    ]


def paces_said(said: Mapping[str, str]) -> dict[tuple[NotificationKind, NotificationChannel], Frequency]:
    """What the form says; a field that is not there, or says no pace, leaves it as it is."""
    return {
        (kind, channel): Frequency(said[name])
        for kind in NotificationKind
        for channel in list_channels()
        if said.get(name := f"{kind}-{channel}") in Frequency.values
    }


def _field(kind: NotificationKind, channel: NotificationChannel, pace: Frequency) -> PaceField:
    return PaceField(f"{kind}-{channel}", str(channel.label), pace, list_frequencies(kind, channel))
