"""The list of sync runs."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.sync.runs import list_runs
from portal.api.filters import ListFilters, by_text
from portal.lists.declaration import Column, EmptyState, ListPage
from portal.sync.presenters import build_run_rows


class SyncRunFilters(ListFilters):
    catalog = by_text("catalog__short_name", "The catalog.")


class SyncRunList(ListPage):
    route, api_route = "sync-runs", "api-sync-runs"
    title = _("Catalog sync")
    panel_title = _("Reads of AWS")
    cells = "portal/sync/_cells.html"
    columns = (
        Column(_("Catalog"), "catalog", cell_classes="nowrap", is_labelled=False),
        Column(_("Status"), "components/cells.html#state", "state", is_labelled=False),
        Column(_("Started"), "started_at", cell_classes="muted nowrap", is_labelled=False),
        Column(_("Tables"), "count", "run.tables", "end", "end num"),
        Column(_("New"), "count", "run.made", "end", "end num"),
        Column(_("Changed"), "count", "run.changed", "end", "end num"),
        Column(_("Removed"), "count", "run.tombstoned", "end", "end num"),
        Column(_("Requested by"), "requested_by", cell_classes="muted"),
    )
    filters = SyncRunFilters
    page_size = 25
    empty = EmptyState("box", "", "")

    def list_rows(self) -> QuerySet[Any]:
        return list_runs(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_run_rows(rows)
