"""Rows of requests, and items with status, timeline and permissions."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from fulfilment.observations.models import ReadingTimes
from fulfilment.timeline import TimelineEvent
from identity.people.models import Person
from portal.pages.aws_calls import AccountCalls, group_aws_calls
from portal.pages.own_requests import NextDecision, build_next_decision
from requests_app.access_requests.models import AccessRequest, Comment, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.display_states.rules import REQUEST_RULES, TIMELINE_STATES
from requests_app.display_states.vocabulary import DisplayState, Reason, State, Tone
from requests_app.grants.end_dates import EndKind, get_nearest_end, has_ended
from requests_app.grants.link_naming.may import may_choose_link_naming
from requests_app.grants.may import may_revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from requests_app.grants.subgrants.may import is_account_admin
from requests_app.review.access_status import AccessStatus, get_access_status, get_display_state
from requests_app.review.may import may_approve_item, may_comment_on_item, may_resubmit_item
from requests_app.review.summary import Review
from requests_app.review.timeline import (
    Stage,
    StageName,
    StageProgress,
    build_item_timeline,
    build_stages,
)
from requests_app.submission.may import may_withdraw_item


@dataclass(frozen=True)
class StageLink:
    url: str
    label: str


def find_stage_link(
    person: Person,
    item: RequestItem,
    stages: Sequence[Stage],
    *,
    may_review: bool = False,
    may_change: bool = False,
) -> StageLink | None:
    """What the person can do there themselves, else where it is explained; None where nothing is to be done."""
    here = next(stage for stage in stages if stage.is_current)
    reason = here.state.reason if here.state else Reason.NONE
    if may_review:
        return StageLink(reverse("review", args=[item.pk]), _("Review"))
    if may_change:
        return StageLink(reverse("request-item-resubmit", args=[item.pk]), _("Change and resubmit"))
    if reason == Reason.LINK_NAME_TAKEN:
        account = item.request.principal.account
        if may_choose_link_naming(person, account):
            naming = reverse("local-groups", args=[account.account_id])
            return StageLink(f"{naming}#landing", _("Choose the kind of link"))
    if reason == Reason.TO_BE_PASSED_ON and is_account_admin(person, item.request.principal.account):
        account = item.request.principal.account
        return StageLink(reverse("local-groups", args=[account.account_id]), _("Pass it on"))
    if here.remedy and here.name in {StageName.APPLIED, StageName.PROVEN, StageName.ENDS}:
        return StageLink(reverse("grant-proof", args=[item.grant.pk]), _("See what is missing"))
    return None


MAX_NAMES = 3
EVENT_ICONS = {"asked": "person", "decided": "person", "said": "person", "ended": "end"}
"""Icons of events without a state (actions of people)."""


@dataclass(frozen=True)
class TimelineStep:
    """One dot of a timeline: an event, or a `state`. `is_upcoming`: it has not happened yet; `at` is its time
    where one is known; `is_next`: everything waits for it now.
    """

    text: str
    event_icon: str = "next"
    state: DisplayState | None = None
    at: datetime | None = None
    detail: str = ""
    is_upcoming: bool = False
    is_next: bool = False

    @property
    def tone(self) -> Tone:
        return self.state.tone if self.state else Tone.GREY

    @property
    def icon(self) -> str:
        return self.state.icon if self.state else self.event_icon


@dataclass(frozen=True)
class ItemRow:
    item: RequestItem
    state: DisplayState
    grant: Grant | None


@dataclass(frozen=True)
class ItemComments:
    """`requested_change` is set while the item waits for changes by its requester."""

    item: RequestItem
    may_comment: bool
    may_change: bool
    requested_change: Comment | None
    key: str


@dataclass(frozen=True)
class ItemDetails:
    """An item with what its page shows. `other_paths`: how the role still reads after its grant ended. `decision`: who decides next, while
    it waits for a review.
    """

    item: RequestItem
    status: AccessStatus
    stages: tuple[Stage, ...]
    stage_link: StageLink | None
    timeline: tuple[TimelineStep, ...]
    aws_calls: tuple[AccountCalls, ...]
    grant: Grant | None
    may_withdraw: bool
    may_review: bool
    may_revoke: bool
    comments: ItemComments
    other_paths: tuple[str, ...] = ()
    is_live: bool = False
    is_trial: bool = False
    decision: NextDecision | None = None

    @property
    def record(self) -> tuple[TimelineStep, ...]:
        """All that happened."""
        return tuple(step for step in self.timeline if not step.is_upcoming)

    @property
    def remarks(self) -> tuple[TimelineStep, ...]:
        """What people said and what went wrong: the part of the record that the stages do not tell. The request comes first, with its
        purpose, which stands elsewhere.
        """
        return tuple(
            step
            for step in self.record[1:]
            if (step.detail and step.state is None) or step.tone in {Tone.AMBER, Tone.RED}
        )

    @property
    def since(self) -> datetime | None:
        """Since when it waits for what comes next, while it waits for somebody or something is changed."""
        if self.decision:
            return self.decision.since
        done = [stage.at for stage in self.stages if stage.at and stage.progress == StageProgress.DONE]
        return max(done, default=None) if self.status.display_state.is_changing else None


@dataclass(frozen=True)
class RequestRow:
    """`states` are its items', each once with how many are in it, the one of the request first; `names` those of the first
    few.
    """

    request: AccessRequest
    items: tuple[ItemRow, ...]
    names: tuple[str, ...]
    more_count: int
    states: tuple[tuple[DisplayState, int], ...]


def build_item_row(item: RequestItem, now: datetime, readings: ReadingTimes | None = None) -> ItemRow:
    return ItemRow(item, get_display_state(item, now, readings), get_grant_or_none(item))


def get_grant_or_none(item: RequestItem) -> Grant | None:
    grant: Grant | None = getattr(item, "grant", None)
    return grant


def list_grants(requests: Iterable[AccessRequest]) -> list[Grant]:
    """Of the items of these requests."""
    items = (item for request in requests for item in request.items.all())
    return [grant for item in items if (grant := get_grant_or_none(item))]


def build_request_rows(requests: Iterable[AccessRequest], now: datetime) -> list[RequestRow]:
    """One query for any number of them, none without grants."""
    built, readings = [], ReadingTimes()
    for request in requests:
        items = tuple(build_item_row(item, now, readings) for item in request.items.all())
        names = tuple(dict.fromkeys(str(item.item.product or item.item.name) for item in items))
        counted = Counter(item.state for item in items)
        states = tuple(sorted(counted.items(), key=lambda pair: REQUEST_RULES.index(pair[0].state)))
        built.append(RequestRow(request, items, names[:MAX_NAMES], len(names[MAX_NAMES:]), states))
    return built


def build_item_details(
    item: RequestItem,
    person: Person,
    now: datetime,
    readings: ReadingTimes | None = None,
    review: Review | None = None,
) -> ItemDetails:
    """The item with past and upcoming timeline steps. `review`: of the item, where it is known."""
    grant = get_grant_or_none(item)
    live = grant is not None and not has_ended(grant, now)
    others = list_other_paths(grant, now) if grant is not None and not live else ()
    progress = get_access_status(item, now=now, readings=readings, other_access=others)
    decision = None
    if progress.display_state.state == State.WAITING_FOR_REVIEW:
        decision = build_next_decision(item, now, review)
        progress = replace(progress, sentence=decision.deciders or progress.sentence)
    waiting = item.state in {ItemState.SUBMITTED, ItemState.RETURNED}
    events = build_item_timeline(item)
    past = (build_timeline_step(moment) for moment in events if not moment.account_id)
    stages = build_stages(item, progress, events, now)
    comments = get_item_comments(item, person)
    may_review = item.state == ItemState.SUBMITTED and bool(may_approve_item(person, item))
    may_change = comments.requested_change is not None and comments.may_change
    link = find_stage_link(person, item, stages, may_review=may_review, may_change=may_change)
    return ItemDetails(
        item=item,
        status=progress,
        stages=stages,
        stage_link=link,
        timeline=(*past, *_list_upcoming_steps(item, grant, progress, now)),
        aws_calls=group_aws_calls(item, events),
        grant=grant,
        may_withdraw=waiting and bool(may_withdraw_item(person, item)),
        may_review=may_review,
        may_revoke=live and grant is not None and bool(may_revoke_grant(person, grant)),
        comments=comments,
        other_paths=others,
        is_live=live,
        is_trial=any(past.trial_days for past in item.decisions.all()),
        decision=decision,
    )


def build_timeline_step(moment: TimelineEvent) -> TimelineStep:
    state = TIMELINE_STATES.get(moment.kind)
    return TimelineStep(
        moment.text,
        EVENT_ICONS.get(moment.kind, "next"),
        DisplayState(state) if state else None,
        moment.at,
        moment.detail,
    )


def _list_upcoming_steps(
    item: RequestItem, grant: Grant | None, progress: AccessStatus, now: datetime
) -> Iterable[TimelineStep]:
    if item.state == ItemState.RETURNED:
        text = _("The requester changes it, or explains why not")
        yield TimelineStep(text, state=progress.display_state, is_upcoming=True, is_next=True)
    if item.state in {ItemState.SUBMITTED, ItemState.RETURNED}:
        asked = item.state == ItemState.SUBMITTED
        alone = item.waits_for in ([], ["owner"])
        text = _("A data owner decides") if alone else _("Others decide too")
        state = progress.display_state if asked else None
        yield TimelineStep(text, "person", state, is_upcoming=True, is_next=asked)
        yield TimelineStep(_("The permission is applied in AWS and read back"), is_upcoming=True)
    if grant is None:
        return
    ends = has_ended(grant, now)
    if progress.display_state.is_changing or progress.display_state.state == State.FAILED:
        text = (
            _("The permission is removed, and the removal is verified")
            if ends
            else _("The permission is applied in AWS and read back")
        )
        yield TimelineStep(text, state=progress.display_state, is_upcoming=True, is_next=True)
    if not ends:
        end = get_nearest_end(grant)
        text = {
            EndKind.EXPIRY: _("Access ends automatically"),
            EndKind.ACCESS_REVIEW: _("Access ends, unless a data owner keeps it"),
            EndKind.RETIREMENT: _("Access ends, when the data product is retired"),
        }[end.kind]
        yield TimelineStep(text, "end", at=end.at, is_upcoming=True)


def get_item_comments(item: RequestItem, person: Person) -> ItemComments:
    is_back = item.state == ItemState.RETURNED
    remarks = [remark for remark in item.remarks.all() if remark.kind == Comment.Kind.RETURN]
    return ItemComments(
        item=item,
        may_comment=bool(may_comment_on_item(person, item)),
        may_change=is_back and bool(may_resubmit_item(person, item)),
        requested_change=remarks[-1] if is_back and remarks else None,
        key=uuid.uuid4().hex,
    )
