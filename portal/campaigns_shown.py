"""Campaigns and their lines made ready for templates and files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from identity.models import Person
from requests_app.campaigns.evidence import line_evidence
from requests_app.campaigns.looking import Tally, tallies
from requests_app.campaigns.may import may_keep_lines, may_revoke_lines
from requests_app.campaigns.models import Campaign, CampaignLine
from requests_app.last_used import last_used, worded
from requests_app.may import domain_of
from requests_app.progress import Kind, Progress, has_ended, progress_of
from requests_app.states import CampaignState, LineState

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
    tally: Tally
    kind: Kind
    word: str
    share: int
    takes_answers: bool


@dataclass(frozen=True)
class LineShown:
    line: CampaignLine
    progress: Progress
    kind: Kind
    word: str
    may_keep: bool
    may_revoke: bool
    used: str


def campaigns_shown(campaigns: Sequence[Campaign], person: Person, now: datetime) -> list[CampaignShown]:
    counted = tallies(person, campaigns)
    return [_campaign(campaign, counted[campaign.pk], now) for campaign in campaigns]


def lines_shown(lines: Iterable[CampaignLine], person: Person, now: datetime) -> list[LineShown]:
    """Lines of one owner, one consumer and one asker get one and the same verdicts."""
    verdicts: dict[tuple[object, ...], tuple[bool, bool]] = {}
    rows, lines = [], list(lines)
    uses = last_used([line.grant for line in lines])
    for line in lines:
        grant, item = line.grant, line.grant.item
        domain = domain_of(item)
        alike = (
            domain and domain.owner_team_id, grant.principal.account.team_id, item.request.asker.pk, item.request.team_id,
            tuple(item.request.member_ids),
        )  # fmt: skip
        if alike not in verdicts:
            verdicts[alike] = bool(may_keep_lines(person, line)), bool(may_revoke_lines(person, line))
        may_keep, may_revoke = verdicts[alike]
        ended = has_ended(grant, now)
        kind, word = _word(line, ended=ended)
        is_open = line.state == LineState.OPEN and not ended
        endable = line.state in {LineState.OPEN, LineState.KEPT} and not ended
        used = "" if ended else worded(uses[grant.pk], now)
        deeds = may_keep and is_open, may_revoke and endable
        rows.append(LineShown(line, progress_of(grant, now=now), kind, word, *deeds, used))
    return rows


def evidence_rows(lines: Iterable[CampaignLine]) -> Iterator[Sequence[str]]:
    """For the file, its head first. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    head: list[str] = []
    for line in line_evidence(lines):
        if not head:
            head = list(line)
            yield head
        yield [_harmless(value) for value in line.values()]


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _campaign(campaign: Campaign, tally: Tally, now: datetime) -> CampaignShown:
    takes = campaign.state == CampaignState.OPEN and now < campaign.due_at
    share = tally.answered * 100 // tally.total
    if campaign.state == CampaignState.CALLED_OFF:
        kind, word = Kind.GREY, _("Called off")
    elif campaign.state == CampaignState.CLOSED:
        kind, word = Kind.GREEN, _("Closed")
    elif not takes:
        kind, word = Kind.BLUE, _("Being closed")
    elif tally.open:
        kind, word = Kind.GREY, _("Waiting for owners")
    else:
        kind, word = Kind.GREEN, _("All answered")
    return CampaignShown(campaign, tally, kind, word, share, takes)


def _word(line: CampaignLine, *, ended: bool) -> tuple[Kind, str]:
    if line.state == LineState.OPEN:
        return (Kind.GREY, _("Ended meanwhile")) if ended else (Kind.GREY, _("Waiting"))
    words = {
        LineState.KEPT: (Kind.GREEN, _("Kept, shorter") if line.until else _("Kept")),
        LineState.REVOKED: (Kind.AMBER, _("Revoked")),
        LineState.DEFAULTED: (Kind.AMBER, _("Nobody kept it")),
        LineState.ENDED: (Kind.GREY, _("Ended meanwhile")),
    }
    return words[LineState(line.state)]
