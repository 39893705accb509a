"""The list of tables that were created again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from portal.api.filters import ListFilters, by_choice
from portal.lists.declaration import Column, EmptyState, ListPage
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import RECREATED_TABLE_STATES
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.queries import list_recreated_tables
from requests_app.recreated_tables.states import RecreatedTableState


class RecreatedTableFilters(ListFilters):
    state = by_choice("state", RecreatedTableState.values, "Its state.")


@dataclass(frozen=True)
class RecreatedTableRow:
    recreated_table: RecreatedTable

    @property
    def state(self) -> RecreatedTableState:
        return RecreatedTableState(self.recreated_table.state)

    @property
    def display_state(self) -> DisplayState:
        return RECREATED_TABLE_STATES[self.state]

    @property
    def created_by(self) -> str:
        """The ARN of a role, its session or a user; empty where Glue does not say."""
        return self.recreated_table.table.created_by

    @property
    def created_at(self) -> datetime | None:
        return parse_datetime(self.recreated_table.table.glue_created_at)


class RecreatedTableList(ListPage):
    route, api_route = "recreated-tables", "api-recreated-tables"
    title = _("Tables created again")
    lead = _(
        "These tables were deleted and created again under their name. A data owner decides whether the grants of the earlier"
        " table are kept."
    )
    label = _("List of tables that were created again")
    cells = "portal/recreated_tables/_cells.html"
    columns = (
        Column(_("Table"), "table", is_labelled=False),
        Column(_("Created by"), "created_by", cell_classes="mono small"),
        Column(_("Created"), "components/cells.html#time", "created_at", cell_classes="nowrap"),
        Column(_("Status"), "components/cells.html#state", "display_state"),
    )
    filters = RecreatedTableFilters
    empty = EmptyState(
        "table",
        _("No table was created again"),
        _("When a table with grants is deleted and created again, it appears here and in the inbox."),
    )

    def list_rows(self) -> QuerySet[Any]:
        return list_recreated_tables(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [RecreatedTableRow(row) for row in rows]
