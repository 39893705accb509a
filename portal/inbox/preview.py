"""What the inbox shows beside its list: the row that is selected, as far as one needs to know before opening it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from catalog.mirror.models import ColumnFacts
from decisions.kinds import iterate_decided_kinds
from decisions.queries import get_current_proposal
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from portal.decisions.declaration import DecisionPage, find_decision_page
from portal.inbox.presenters import InboxRow
from portal.inbox.sections import WaitingRow
from requests_app.access_requests.models import Decision, RequestItem

MAX_NAMED_COLUMNS = 8


@dataclass(frozen=True)
class Preview:
    """`row` is the one that is selected. Of an access request there is an `item` with the first of its `columns`, and how many decisions
    were made on its table; of another kind the `page` and the `proposal`.
    """

    row: WaitingRow
    item: RequestItem | None = None
    columns: tuple[ColumnFacts, ...] = ()
    further_count: int = 0
    page: DecisionPage | None = None
    proposal: Any = None

    @property
    def similar_text(self) -> str:
        """What came of earlier decisions on the same table."""
        approved, rejected = (getattr(self.item, name, 0) for name in ("approved_count", "rejected_count"))
        if not approved + rejected:
            return _("none on this table")
        return _("%(approved)d approved, %(rejected)d rejected on this table") % {
            "approved": approved,
            "rejected": rejected,
        }

    @property
    def reason(self) -> str:
        return self.page.get_reason(self.proposal) if self.page else ""

    @property
    def facts(self) -> list[tuple[Any, str]]:
        return list(self.page.list_facts(self.proposal)) if self.page else []


def find_preview(person: Person, rows: Sequence[WaitingRow], selected: str) -> Preview | None:
    """Of the selected row, else of the first one. Two queries for an access request."""
    row = next((row for row in rows if row.key == selected), rows[0] if rows else None)
    if row is None:
        return None
    if isinstance(row, InboxRow):
        return _preview_item(row)
    name, _colon, pk = row.row.subject.partition(":")
    kind = next((kind for kind in iterate_decided_kinds() if kind.name == name), None)
    declared = find_decision_page(name)
    if kind is None or declared is None:
        return Preview(row)
    try:
        proposal = get_current_proposal(kind, person, int(pk))
    except NotFoundError:
        return Preview(row)
    return Preview(row, page=declared(person, clock.now()), proposal=proposal)


def _preview_item(row: InboxRow) -> Preview:
    decisions = Decision.objects.filter(item__table=OuterRef("table")).order_by().values("item__table")
    counts = {
        name: Coalesce(Subquery(decisions.filter(answer=answer).values(n=Count("pk"))), 0)
        for name, answer in (
            ("approved_count", Decision.Answer.APPROVE),
            ("rejected_count", Decision.Answer.REJECT),
        )
    }
    related = ("request__principal__account", "request__team", "requester", "table__database", "product")
    item = RequestItem.objects.select_related(*related).annotate(**counts).get(pk=row.item.pk)
    columns = []
    if item.target.is_single_table:
        columns = [column for column in item.table.column_facts if item.target.includes_column(column.name)]
    return Preview(row, item, tuple(columns[:MAX_NAMED_COLUMNS]), max(0, len(columns) - MAX_NAMED_COLUMNS))
