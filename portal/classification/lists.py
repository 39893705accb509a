"""The list of scans."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.classification.actions import sees_classification
from catalog.classification.models import Scan, ScanState
from catalog.classification.queries import list_scans
from kernel.errors import NotFoundError
from portal.api.filters import ListFilters, by_choice, by_id
from portal.lists.declaration import Column, EmptyState, ListPage
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import SCAN_STATES


class ScanFilters(ListFilters):
    table = by_id("table", "Its table.")
    state = by_choice("state", ScanState.values, "Its state.")


@dataclass(frozen=True)
class ScanRow:
    scan: Scan
    display_state: DisplayState


class ScanList(ListPage):
    route, api_route = "classification-scans", "api-classification-scans"
    template = "portal/classification/scans.html"
    title = _("Scans")
    lead = _(
        "A worker reads a few rows of a table as the sampling role of its catalog. Values are never kept."
    )
    label = _("List of scans")
    cells = "portal/classification/_scan_cells.html"
    columns = (
        Column(_("Table"), "table", is_labelled=False),
        Column(_("Requested by"), "requested_by"),
        Column(_("State"), "components/cells.html#state", "display_state"),
        Column(_("Read"), "read"),
    )
    filters = ScanFilters
    empty = EmptyState(
        "table", _("No scans yet"), _("Tables with new or changed columns are scanned by a schedule.")
    )

    def list_rows(self) -> QuerySet[Any]:
        if not sees_classification(self.person):
            raise NotFoundError
        return list_scans(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [ScanRow(one, SCAN_STATES[one.state]) for one in rows]
