"""Rows made ready for templates: an item or a grant with its chip, its story and what may be done next."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.timeline import Moment
from identity.models import Person
from portal.talk import Talk, talk_of
from requests_app.campaigns.looking import asked_about
from requests_app.grant_lists import is_moving, removed_at
from requests_app.last_used import last_used, worded
from requests_app.may import domain_of, may_approve_item, may_revoke_grant, may_withdraw_item
from requests_app.models import AccessRequest, Grant, Item
from requests_app.on_whose_word import on_whose_word
from requests_app.paths import other_paths
from requests_app.progress import Kind, Progress, has_ended, progress_of
from requests_app.readers import key_in, keys_for
from requests_app.states import ItemState
from requests_app.timeline import timeline_of

MOST_NAMES = 3
DOTS = {
    "asked": ("grey", "person"),
    "decided": ("grey", "person"),
    "said": ("grey", "person"),
    "ended": ("grey", "end"),
    "sent": ("blue", "work"),
    "done": ("grey", "bolt"),
    "failed": ("red", "fail"),
    "proof": ("green", "proven"),
    "drift": ("amber", "warn"),
}


@dataclass(frozen=True)
class Beat:
    """One dot of a timeline; `ahead` is what has not happened yet, `at` its time where one is known, and `is_next` what all
    waits for now: a person in grey or amber, the machine in blue.
    """

    text: str
    kind: str
    icon: str
    at: datetime | None = None
    detail: str = ""
    request_id: str = ""
    ahead: bool = False
    is_next: bool = False


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
    """`chips` are the items' states, each once with how many are in it; `names` those of the first few."""

    request: AccessRequest
    items: tuple[ItemShown, ...]
    names: tuple[str, ...]
    more: int
    chips: tuple[tuple[Kind, str, int], ...]


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


def item_shown(item: Item, now: datetime) -> ItemShown:
    return ItemShown(item, progress_of(item, now=now), grant_of(item))


def grant_of(item: Item) -> Grant | None:
    grant: Grant | None = getattr(item, "grant", None)
    return grant


def request_shown(request: AccessRequest, now: datetime) -> RequestShown:
    items = tuple(item_shown(item, now) for item in request.items.all())
    names = tuple(dict.fromkeys(str(one.item.product or one.item.name) for one in items))
    states = Counter((one.progress.kind, one.progress.word) for one in items)
    chips = tuple((kind, word, count) for (kind, word), count in states.items())
    return RequestShown(request, items, names[:MOST_NAMES], len(names[MOST_NAMES:]), chips)


def grants_shown(grants: Iterable[Grant], person: Person, now: datetime) -> list[GrantShown]:
    """Rows of a list. Grants of one owner, one consumer and one asker get one and the same verdict."""
    verdicts: dict[tuple[object, ...], bool] = {}
    theirs = keys_for(person)
    rows, grants = [], list(grants)
    asked, uses = asked_about(grants), last_used(grants)
    for grant in grants:
        domain = domain_of(grant.item)
        alike = (domain and domain.owner_team_id, grant.principal.account.team_id, grant.item.requester_id)
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
                progress_of(grant, now=now),
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


def item_story(item: Item, person: Person, now: datetime) -> ItemStory:
    """The item, its past as dots, what comes next as dashed dots."""
    grant = grant_of(item)
    progress = progress_of(item, now=now)
    live = grant is not None and not has_ended(grant, now)
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
        others=other_paths(grant, now) if grant is not None and not live else (),
        is_live=live,
        is_trial=any(decision.trial_days for decision in item.decisions.all()),
    )


def _beat(moment: Moment) -> Beat:
    kind, icon = DOTS.get(moment.kind, ("grey", "next"))
    return Beat(moment.text, kind, icon, moment.at, moment.detail, moment.request_id)


def _ahead(item: Item, grant: Grant | None, progress: Progress, now: datetime) -> Iterable[Beat]:
    if item.state == ItemState.RETURNED:
        text = _("Who asked changes it, or says why it stands")
        yield Beat(text, "amber", "person", ahead=True, is_next=True)
    if item.state in {ItemState.SUBMITTED, ItemState.RETURNED}:
        asked = item.state == ItemState.SUBMITTED
        said = progress.sentence if asked else ""
        alone = item.waits_for in ([], ["owner"])
        text = _("A data owner decides") if alone else _("Others decide, too")
        yield Beat(text, "grey", "wait" if asked else "person", ahead=True, is_next=asked, detail=said)
        yield Beat(_("It is put in place in AWS and read back"), "grey", "next", ahead=True)
    if grant is None:
        return
    if progress.kind in {Kind.BLUE, Kind.RED}:
        ends = has_ended(grant, now)
        text = (
            _("Removing it, and reading that back") if ends else _("Putting it in place, and reading it back")
        )
        yield Beat(text, "blue", "work", ahead=True, is_next=True)
    if not has_ended(grant, now):
        yield Beat(_("Access ends by itself"), "grey", "end", grant.ends_at, ahead=True)


def pause_of(stories: Iterable[ItemStory]) -> str:
    """How long the page may wait before it asks again; empty when nothing can change any more."""
    kinds = [(story.progress.kind, story.progress.presence, story.item.state) for story in stories]
    if any(kind == Kind.BLUE for kind, _presence, _state in kinds):
        return "1s"
    open_ = [k for k in kinds if k[2] not in {ItemState.REJECTED, ItemState.WITHDRAWN}]
    if all(kind == Kind.GREEN and presence == "absent" for kind, presence, _state in open_):
        return ""
    return "2s"
