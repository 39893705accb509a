"""Requests and items made ready for templates: state, timeline, and what may be done next."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.observations.reading_age import ReadingTimes
from fulfilment.timeline import Moment
from identity.people.models import Person
from portal.requests.comments import Talk, talk_of
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.access_requests.states import ItemState
from requests_app.display_states.rules import MOMENT_STATES, REQUEST_RULES
from requests_app.display_states.vocabulary import DisplayState, State, Tone
from requests_app.grants.end_dates import has_ended
from requests_app.grants.may import may_revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from requests_app.review.access_status import AccessStatus, get_access_status
from requests_app.review.may import may_approve_item
from requests_app.review.timeline import build_item_timeline
from requests_app.submission.may import may_withdraw_item

MOST_NAMES = 3
PEOPLE = {"asked": "person", "decided": "person", "said": "person", "ended": "end"}
"""What people did is an event and no state: grey, with its own icon."""


@dataclass(frozen=True)
class Beat:
    """One dot of a timeline: an event, or with `state` what is so. `ahead` is what has not happened yet, `at` its time
    where one is known, and `is_next` what all waits for now.
    """

    text: str
    event: str = "next"
    state: DisplayState | None = None
    at: datetime | None = None
    detail: str = ""
    request_id: str = ""
    ahead: bool = False
    is_next: bool = False

    @property
    def tone(self) -> Tone:
        return self.state.tone if self.state else Tone.GREY

    @property
    def icon(self) -> str:
        return self.state.icon if self.state else self.event


@dataclass(frozen=True)
class ItemShown:
    item: Item
    progress: AccessStatus
    grant: Grant | None


@dataclass(frozen=True)
class ItemStory:
    """An item with all that its page tells and lets say; `is_trial`: a yes to try it; `others` are ways by which an ended grant's role still reads."""

    item: Item
    progress: AccessStatus
    beats: tuple[Beat, ...]
    grant: Grant | None
    may_withdraw: bool
    may_review: bool
    may_revoke: bool
    talk: Talk
    others: tuple[str, ...] = ()
    is_live: bool = False
    is_trial: bool = False


@dataclass(frozen=True)
class RequestShown:
    """`states` are its items', each once with how many are in it, the one of the request first; `names` those of the first
    few.
    """

    request: AccessRequest
    items: tuple[ItemShown, ...]
    names: tuple[str, ...]
    more: int
    states: tuple[tuple[DisplayState, int], ...]


def item_shown(item: Item, now: datetime, readings: ReadingTimes | None = None) -> ItemShown:
    return ItemShown(item, get_access_status(item, now=now, readings=readings), grant_of(item))


def grant_of(item: Item) -> Grant | None:
    grant: Grant | None = getattr(item, "grant", None)
    return grant


def request_shown(request: AccessRequest, now: datetime, readings: ReadingTimes) -> RequestShown:
    items = tuple(item_shown(item, now, readings) for item in request.items.all())
    names = tuple(dict.fromkeys(str(one.item.product or one.item.name) for one in items))
    counted = Counter(one.progress.shown for one in items)
    states = tuple(sorted(counted.items(), key=lambda each: REQUEST_RULES.index(each[0].state)))
    return RequestShown(request, items, names[:MOST_NAMES], len(names[MOST_NAMES:]), states)


def item_story(item: Item, person: Person, now: datetime, readings: ReadingTimes | None = None) -> ItemStory:
    """The item, its past as dots, what comes next as dashed dots."""
    grant = grant_of(item)
    live = grant is not None and not has_ended(grant, now)
    others = list_other_paths(grant, now) if grant is not None and not live else ()
    progress = get_access_status(item, now=now, readings=readings, others=others)
    waiting = item.state in {ItemState.SUBMITTED, ItemState.RETURNED}
    past = (_beat(moment) for moment in build_item_timeline(item))
    return ItemStory(
        item=item,
        progress=progress,
        beats=(*past, *_ahead(item, grant, progress, now)),
        grant=grant,
        may_withdraw=waiting and bool(may_withdraw_item(person, item)),
        may_review=item.state == ItemState.SUBMITTED and bool(may_approve_item(person, item)),
        may_revoke=live and grant is not None and bool(may_revoke_grant(person, grant)),
        talk=talk_of(item, person),
        others=others,
        is_live=live,
        is_trial=any(decision.trial_days for decision in item.decisions.all()),
    )


def _beat(moment: Moment) -> Beat:
    state = MOMENT_STATES.get(moment.kind)
    return Beat(
        moment.text,
        PEOPLE.get(moment.kind, "next"),
        DisplayState(state) if state else None,
        moment.at,
        moment.detail,
        moment.request_id,
    )


def _ahead(item: Item, grant: Grant | None, progress: AccessStatus, now: datetime) -> Iterable[Beat]:
    if item.state == ItemState.RETURNED:
        text = _("The requester changes it, or explains why not")
        yield Beat(text, state=progress.shown, ahead=True, is_next=True)
    if item.state in {ItemState.SUBMITTED, ItemState.RETURNED}:
        asked = item.state == ItemState.SUBMITTED
        alone = item.waits_for in ([], ["owner"])
        text = _("A data owner decides") if alone else _("Others decide too")
        said, state = (progress.sentence, progress.shown) if asked else ("", None)
        yield Beat(text, "person", state, ahead=True, is_next=asked, detail=said)
        yield Beat(_("The permission is applied in AWS and read back"), ahead=True)
    if grant is None:
        return
    ends = has_ended(grant, now)
    if progress.shown.is_moving or progress.shown.state == State.FAILED:
        text = (
            _("The permission is removed, and the removal is verified")
            if ends
            else _("The permission is applied in AWS and read back")
        )
        yield Beat(text, state=progress.shown, ahead=True, is_next=True)
    if not ends:
        yield Beat(_("Access ends automatically"), "end", at=grant.ends_at, ahead=True)
