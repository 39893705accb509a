"""Rows made ready for templates: an item or a grant with its chip, its story and what may be done next."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.observations.reading_age import ReadingTimes
from fulfilment.timeline import Moment
from identity.people.models import Person
from portal.talk import Talk, talk_of
from requests_app.access_requests.may import domain_of
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.access_requests.states import ItemState
from requests_app.access_reviews.queries import asked_about
from requests_app.break_glass.models import BreakGlass
from requests_app.display_states.rules import MOMENT, REQUEST, BreakGlassFacts, of_break_glass
from requests_app.display_states.vocabulary import DisplayState, State, Tone
from requests_app.grants.approvers import on_whose_word
from requests_app.grants.end_dates import has_ended
from requests_app.grants.may import may_revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.other_access import other_paths
from requests_app.grants.queries import is_moving, removed_at
from requests_app.grants.states import GrantState
from requests_app.grants.usage import last_used, worded
from requests_app.review.may import may_approve_item
from requests_app.review.progress import Progress, progress_of
from requests_app.review.timeline import timeline_of
from requests_app.submission.may import may_withdraw_item
from requests_app.targets.recipients import key_in, keys_for

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
    progress: Progress
    grant: Grant | None


@dataclass(frozen=True)
class ItemStory:
    """An item with all that its page tells and lets say; `is_trial`: a yes to try it; `others` are ways by which an ended grant's role still reads."""

    item: Item
    progress: Progress
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


@dataclass(frozen=True)
class GrantShown:
    """`ends_unless_kept`: when a recertification ends it, unless its owner says a word. `words`: on whose it stands. `used`:
    when it was last used, or since when not, in words; empty of one that has ended. `removed_at`: when its absence from
    AWS was proven. `is_moving`: the workers are about to apply, remove or read it back.
    """

    grant: Grant
    progress: Progress
    may_revoke: bool
    may_extend: bool = False
    ends_unless_kept: datetime | None = None
    words: tuple[str, ...] = ()
    used: str = ""
    removed_at: datetime | None = None
    is_moving: bool = False

    @property
    def has_left(self) -> bool:
        """Whether whoever answers for a live grant is deactivated."""
        return self.grant.state == GrantState.LIVE and not self.grant.item.request.asker.is_active


def item_shown(item: Item, now: datetime, readings: ReadingTimes | None = None) -> ItemShown:
    return ItemShown(item, progress_of(item, now=now, readings=readings), grant_of(item))


def grant_of(item: Item) -> Grant | None:
    grant: Grant | None = getattr(item, "grant", None)
    return grant


def request_shown(request: AccessRequest, now: datetime, readings: ReadingTimes) -> RequestShown:
    items = tuple(item_shown(item, now, readings) for item in request.items.all())
    names = tuple(dict.fromkeys(str(one.item.product or one.item.name) for one in items))
    counted = Counter(one.progress.shown for one in items)
    states = tuple(sorted(counted.items(), key=lambda each: REQUEST.index(each[0].state)))
    return RequestShown(request, items, names[:MOST_NAMES], len(names[MOST_NAMES:]), states)


def grants_shown(grants: Iterable[Grant], person: Person, now: datetime) -> list[GrantShown]:
    """Rows of a list. Grants of one owner, one consumer and one asker get one and the same verdict."""
    verdicts: dict[tuple[object, ...], bool] = {}
    theirs = keys_for(person)
    rows, grants = [], list(grants)
    asked, uses = asked_about(grants), last_used(grants)
    readings = ReadingTimes({grant.intent.scope_key for grant in grants})
    for grant in grants:
        domain = domain_of(grant.item)
        alike = (
            domain and domain.owner_team_id,
            grant.principal.account.team_id,
            grant.item.request.asker.pk,
        )
        if alike not in verdicts:
            verdicts[alike] = bool(may_revoke_grant(person, grant))
        live = not has_ended(grant, now)
        longer = live and key_in(grant.item.request) in theirs and not grant.item.reaches_many
        due = asked.get(grant.pk) if live else None
        used = worded(uses[grant.pk], now) if live else ""
        may_revoke = verdicts[alike] and live
        rows.append(
            GrantShown(
                grant,
                progress_of(grant, now=now, readings=readings),
                may_revoke,
                longer,
                due,
                used=used,
                removed_at=removed_at(grant),
                is_moving=is_moving(grant, has_ended=not live),
            )
        )
    return rows


def list_told(rows: Iterable[GrantShown]) -> tuple[object, ...]:
    """All that a list of grants tells that may change by itself."""
    return tuple(
        (row.grant.pk, row.progress, row.may_revoke, row.may_extend, row.removed_at, row.is_moving, row.used)
        for row in rows
    )


def with_words(rows: Collection[GrantShown]) -> list[GrantShown]:
    """The same rows, each with the people on whose word it stands. One query."""
    words = on_whose_word([row.grant.item_id for row in rows])
    return [replace(row, words=words.get(row.grant.item_id, ())) for row in rows]


def item_story(item: Item, person: Person, now: datetime, readings: ReadingTimes | None = None) -> ItemStory:
    """The item, its past as dots, what comes next as dashed dots."""
    grant = grant_of(item)
    live = grant is not None and not has_ended(grant, now)
    others = other_paths(grant, now) if grant is not None and not live else ()
    progress = progress_of(item, now=now, readings=readings, others=others)
    waiting = item.state in {ItemState.SUBMITTED, ItemState.RETURNED}
    past = (_beat(moment) for moment in timeline_of(item))
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
    state = MOMENT.get(moment.kind)
    return Beat(
        moment.text,
        PEOPLE.get(moment.kind, "next"),
        DisplayState(state) if state else None,
        moment.at,
        moment.detail,
        moment.request_id,
    )


def _ahead(item: Item, grant: Grant | None, progress: Progress, now: datetime) -> Iterable[Beat]:
    if item.state == ItemState.RETURNED:
        text = _("Who asked changes it, or says why it stands")
        yield Beat(text, state=progress.shown, ahead=True, is_next=True)
    if item.state in {ItemState.SUBMITTED, ItemState.RETURNED}:
        asked = item.state == ItemState.SUBMITTED
        alone = item.waits_for in ([], ["owner"])
        text = _("A data owner decides") if alone else _("Others decide, too")
        said, state = (progress.sentence, progress.shown) if asked else ("", None)
        yield Beat(text, "person", state, ahead=True, is_next=asked, detail=said)
        yield Beat(_("It is put in place in AWS and read back"), ahead=True)
    if grant is None:
        return
    ends = has_ended(grant, now)
    if progress.shown.is_moving or progress.shown.state == State.FAILED:
        text = (
            _("Removing it, and reading that back") if ends else _("Putting it in place, and reading it back")
        )
        yield Beat(text, state=progress.shown, ahead=True, is_next=True)
    if not ends:
        yield Beat(_("Access ends by itself"), "end", at=grant.ends_at, ahead=True)


def pause_of(states: Iterable[DisplayState]) -> str:
    """How long a list waits before it asks for itself again: a second while the workers change something on it, else it
    does not.
    """
    return "1s" if any(state.is_moving for state in states) else ""


def pause_of_one(states: Iterable[DisplayState]) -> str:
    """The same of the page of one request, which also follows what other people do, until all of it is over."""
    found = list(states)
    return pause_of(found) or ("" if all(state.is_over for state in found) else "5s")


def break_glass_state(taken: BreakGlass, grants: Collection[GrantShown], now: datetime) -> DisplayState:
    """`grants` are those that it was given."""
    live = [row.progress.shown for row in grants if not has_ended(row.grant, now)]
    return of_break_glass(BreakGlassFacts(taken.state, taken.lapses_at <= now, bool(live)), live)
