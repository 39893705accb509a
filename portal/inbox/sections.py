"""All that waits, in sections by when it is due: overdue first, then today, this week, later, and what waits for its requester."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from portal.inbox.other_decisions import NamedRow, OtherDecisions
from portal.inbox.presenters import InboxRow
from portal.pages.own_requests import DueTime, describe_due_time
from requests_app.access_requests.states import ItemState
from requests_app.review.inbox.queries import InboxOrder, InboxQuery, InboxScope

DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class OtherRow:
    """A row of another kind than an access request; `is_link` leads to more of a kind than are named."""

    row: NamedRow
    due: DueTime | None
    is_link: bool = False
    item: None = None
    """It is no item of an access request, as an `InboxRow` has one."""

    @property
    def key(self) -> str:
        return self.row.key


WaitingRow = InboxRow | OtherRow


@dataclass(frozen=True)
class Section:
    """Without a title where rows are not ordered by their due time."""

    title: str
    rows: tuple[WaitingRow, ...]
    is_overdue: bool = False


def build_other_rows(decisions: Sequence[OtherDecisions], now: datetime) -> list[OtherRow]:
    """Each row that has a name, and one that leads to the rest of its kind."""
    rows = []
    for decision in decisions:
        rows += [OtherRow(row, describe_due_time(row.due_at, now)) for row in decision.rows]
        if rest := decision.count - len(decision.rows):
            text = _("%(n)d more") % {"n": rest} if decision.rows else decision.text
            rest_row = NamedRow(text, decision.url, f"{decision.name}-rest", decision.label)
            rows.append(OtherRow(rest_row, None, is_link=True))
    return rows


def filter_other_rows(
    decisions: Sequence[OtherDecisions], query: InboxQuery, person_id: int
) -> list[OtherDecisions]:
    """What of other kinds the query seeks: of what waits for the person, where nothing is sought that only access requests have."""
    narrowed = query.domain or query.product or query.team or query.classification or query.kind
    if query.scope != InboxScope.MINE or narrowed or query.min_waiting_days:
        return []
    matching = [group for group in decisions if query.what in {"", group.name}]
    if not query.assigned:
        return matching
    mine = [(group, tuple(row for row in group.rows if row.assignee_id == person_id)) for group in matching]
    return [
        OtherDecisions(len(rows), group.text, group.url, rows, group.name, group.label)
        for group, rows in mine
        if rows
    ]


def build_sections(
    items: Sequence[InboxRow], others: Sequence[OtherRow], order: InboxOrder, now: datetime
) -> tuple[Section, ...]:
    """Only what is ordered by its due time is divided."""
    if order != InboxOrder.DUE:
        rows: tuple[WaitingRow, ...] = (*items, *others)
        return (Section("", rows),) if rows else ()
    titles = [_("Overdue"), _("Today"), _("This week"), _("Later"), _("Waiting for the requester")]
    places: list[list[WaitingRow]] = [[] for _title in titles]
    # What has no due time comes last, as it came.
    waiting: list[WaitingRow] = [*items, *others]
    for row in sorted(waiting, key=lambda row: (row.due is None, row.due.at if row.due else now)):
        places[_find_place(row, now)].append(row)
    return tuple(
        Section(title, tuple(rows), is_overdue=place == 0)
        for place, (title, rows) in enumerate(zip(titles, places, strict=True))
        if rows
    )


def _find_place(row: WaitingRow, now: datetime) -> int:
    if isinstance(row, InboxRow) and row.item.state == ItemState.RETURNED:
        return 4
    if row.due is None:
        return 3
    if row.due.is_overdue:
        return 0
    if localdate(row.due.at) <= localdate(now):
        return 1
    return 2 if row.due.at <= now + timedelta(days=DAYS_OF_WEEK) else 3
