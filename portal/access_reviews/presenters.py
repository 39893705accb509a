"""Rows of access reviews and their items, and evidence files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fulfilment.observations.models import ReadingTimes
from identity.people.models import Person
from identity.role_changes.bars import get_bar_reason, has_bars
from kernel.verdicts import Verdict
from portal.pages.csv_cells import escape_formula
from requests_app.access_requests.may import get_item_domain
from requests_app.access_reviews.evidence import build_review_item_evidence
from requests_app.access_reviews.may import may_keep_review_items, may_revoke_review_items
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.queries import ReviewItemCounts, count_review_items
from requests_app.access_reviews.states import AccessReviewItemState, AccessReviewState
from requests_app.display_states.rules import get_access_review_item_state
from requests_app.display_states.vocabulary import DisplayState, Lifecycle
from requests_app.grants.end_dates import has_ended, load_earlier_ends
from requests_app.grants.usage import describe_last_use, get_last_uses
from requests_app.review.access_status import AccessStatus, get_access_status

LIFECYCLES = {
    AccessReviewState.OPEN: Lifecycle.OPEN,
    AccessReviewState.CLOSED: Lifecycle.CLOSED,
    AccessReviewState.CANCELLED: Lifecycle.CANCELLED,
}


@dataclass(frozen=True)
class AccessReviewRow:
    """`answered_percent` is the percentage of decided items."""

    access_review: AccessReview
    counts: ReviewItemCounts
    lifecycle: Lifecycle
    answered_percent: int
    accepts_decisions: bool


@dataclass(frozen=True)
class AccessReviewItemRow:
    review_item: AccessReviewItem
    grant_status: AccessStatus
    state: DisplayState
    may_keep: bool
    may_revoke: bool
    barred: str
    last_use: str


def build_access_review_rows(
    access_reviews: Sequence[AccessReview], person: Person, now: datetime
) -> list[AccessReviewRow]:
    counted = count_review_items(person, access_reviews)
    return [
        _build_access_review_row(access_review, counted[access_review.pk], now)
        for access_review in access_reviews
    ]


def build_item_rows(
    lines: Iterable[AccessReviewItem], person: Person, now: datetime
) -> list[AccessReviewItemRow]:
    """Items with the same owner, consumer and requester share one permission check."""
    verdicts: dict[tuple[object, ...], tuple[Verdict, bool]] = {}
    rows, lines = [], list(lines)
    load_earlier_ends(line.grant for line in lines)
    uses = get_last_uses([line.grant for line in lines])
    readings = ReadingTimes({line.grant.intent.scope_key for line in lines})
    for line in lines:
        grant, item = line.grant, line.grant.item
        domain = get_item_domain(item)
        alike = (
            domain and domain.owner_team_id,
            grant.principal.account.team_id,
            item.request.current_requester.pk,
            item.request.team_id,
            tuple(item.request.member_ids),
            item.table_id if has_bars(person) else None,
        )
        if alike not in verdicts:
            verdicts[alike] = (
                may_keep_review_items(person, line),
                bool(may_revoke_review_items(person, line)),
            )
        may_keep, may_revoke = verdicts[alike]
        ended = has_ended(grant, now)
        progress = get_access_status(grant, now=now, readings=readings)
        is_open = line.state == AccessReviewItemState.OPEN and not ended
        may_end = line.state in {AccessReviewItemState.OPEN, AccessReviewItemState.KEPT} and not ended
        used = "" if ended else describe_last_use(uses[grant.pk], now)
        barred = get_bar_reason(may_keep) if is_open else ""
        deeds = bool(may_keep) and is_open, may_revoke and may_end, barred
        # An open item counts as ended if its grant has ended; the stored state follows later.
        over = (
            AccessReviewItemState.ENDED if line.state == AccessReviewItemState.OPEN and ended else line.state
        )
        state = get_access_review_item_state(over, progress.display_state)
        rows.append(AccessReviewItemRow(line, progress, state, *deeds, used))
    return rows


def build_evidence_rows(lines: Iterable[AccessReviewItem]) -> Iterator[Sequence[str]]:
    """CSV rows with a header. Cells that spreadsheets would evaluate are prefixed with an apostrophe."""
    head: list[str] = []
    for line in build_review_item_evidence(lines):
        if not head:
            head = list(line)
            yield head
        yield [escape_formula(value) for value in line.values()]


def _build_access_review_row(
    access_review: AccessReview, tally: ReviewItemCounts, now: datetime
) -> AccessReviewRow:
    takes = access_review.state == AccessReviewState.OPEN and now < access_review.due_at
    share = tally.decided * 100 // tally.total
    return AccessReviewRow(
        access_review, tally, LIFECYCLES[AccessReviewState(access_review.state)], share, takes
    )
