"""Campaigns and their lines made ready for templates and files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fulfilment.observations.reading_age import ReadingTimes
from identity.people.models import Person
from requests_app.access_requests.may import get_item_domain
from requests_app.access_reviews.evidence import build_line_evidence
from requests_app.access_reviews.may import may_keep_lines, may_revoke_lines
from requests_app.access_reviews.models import Campaign, CampaignLine
from requests_app.access_reviews.queries import LineCounts, count_lines
from requests_app.access_reviews.states import CampaignState, LineState
from requests_app.display_states.rules import get_review_item_state
from requests_app.display_states.vocabulary import DisplayState, Lifecycle
from requests_app.grants.end_dates import has_ended
from requests_app.grants.usage import describe_last_use, get_last_uses
from requests_app.review.access_status import AccessStatus, get_access_status

LIFECYCLES = {
    CampaignState.OPEN: Lifecycle.OPEN,
    CampaignState.CLOSED: Lifecycle.CLOSED,
    CampaignState.CALLED_OFF: Lifecycle.CANCELLED,
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWS = {
    "waiting": (LineState.OPEN,),
    "kept": (LineState.KEPT,),
    "ended": (LineState.REVOKED, LineState.DEFAULTED, LineState.ENDED),
    "all": tuple(LineState),
}


@dataclass(frozen=True)
class CampaignShown:
    """`share` is the percentage of lines that have their answer;"""

    campaign: Campaign
    tally: LineCounts
    lifecycle: Lifecycle
    share: int
    takes_answers: bool


@dataclass(frozen=True)
class LineShown:
    line: CampaignLine
    progress: AccessStatus
    state: DisplayState
    may_keep: bool
    may_revoke: bool
    used: str


def campaigns_shown(campaigns: Sequence[Campaign], person: Person, now: datetime) -> list[CampaignShown]:
    counted = count_lines(person, campaigns)
    return [_campaign(campaign, counted[campaign.pk], now) for campaign in campaigns]


def lines_shown(lines: Iterable[CampaignLine], person: Person, now: datetime) -> list[LineShown]:
    """Lines of one owner, one consumer and one asker get one and the same verdicts."""
    verdicts: dict[tuple[object, ...], tuple[bool, bool]] = {}
    rows, lines = [], list(lines)
    uses = get_last_uses([line.grant for line in lines])
    readings = ReadingTimes({line.grant.intent.scope_key for line in lines})
    for line in lines:
        grant, item = line.grant, line.grant.item
        domain = get_item_domain(item)
        alike = (
            domain and domain.owner_team_id, grant.principal.account.team_id, item.request.asker.pk, item.request.team_id,
            tuple(item.request.member_ids),
        )  # fmt: skip
        if alike not in verdicts:
            verdicts[alike] = bool(may_keep_lines(person, line)), bool(may_revoke_lines(person, line))
        may_keep, may_revoke = verdicts[alike]
        ended = has_ended(grant, now)
        progress = get_access_status(grant, now=now, readings=readings)
        is_open = line.state == LineState.OPEN and not ended
        endable = line.state in {LineState.OPEN, LineState.KEPT} and not ended
        used = "" if ended else describe_last_use(uses[grant.pk], now)
        deeds = may_keep and is_open, may_revoke and endable
        state = _state(line, progress.shown, ended=ended)
        rows.append(LineShown(line, progress, state, *deeds, used))
    return rows


def evidence_rows(lines: Iterable[CampaignLine]) -> Iterator[Sequence[str]]:
    """For the file, its head first. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    head: list[str] = []
    for line in build_line_evidence(lines):
        if not head:
            head = list(line)
            yield head
        yield [_harmless(value) for value in line.values()]


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _campaign(campaign: Campaign, tally: LineCounts, now: datetime) -> CampaignShown:
    takes = campaign.state == CampaignState.OPEN and now < campaign.due_at
    share = tally.answered * 100 // tally.total
    return CampaignShown(campaign, tally, LIFECYCLES[CampaignState(campaign.state)], share, takes)


def _state(line: CampaignLine, grant: DisplayState, *, ended: bool) -> DisplayState:
    """Of an open line whose grant has ended: the clerk writes so at its next look."""
    over = LineState.ENDED if line.state == LineState.OPEN and ended else line.state
    return get_review_item_state(over, grant)
