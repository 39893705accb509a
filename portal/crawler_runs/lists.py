"""The list of crawler runs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.crawler_runs import CrawlerRun, CrawlerRunState, list_crawler_runs
from portal.api.filters import ListFilters, by_choice, by_text
from portal.lists.declaration import Column, EmptyState, ListPage
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import CRAWLER_RUN_STATES


class CrawlerRunFilters(ListFilters):
    state = by_choice("state", CrawlerRunState.values, "Its state.")
    catalog = by_text("catalog__short_name", "The catalog.")


@dataclass(frozen=True)
class CrawlerRunRow:
    run: CrawlerRun

    @property
    def display_state(self) -> DisplayState:
        return CRAWLER_RUN_STATES[self.run.state]

    @property
    def word(self) -> str:
        is_reading = self.run.is_open and self.run.crawled_at is not None
        return gettext("reading the tables") if is_reading else str(CrawlerRunState(self.run.state).label)


class CrawlerRunList(ListPage):
    route, api_route = "crawler-runs", "api-crawler-runs"
    template = "portal/crawler_runs/list.html"
    title = _("Crawler runs")
    lead = _("Run an AWS Glue crawler of your producer account, and register the tables that it finds.")
    label = _("List of crawler runs")
    cells = "portal/crawler_runs/_cells.html"
    columns = (
        Column(_("Crawler"), "crawler", is_labelled=False),
        Column(_("Catalog"), "catalog"),
        Column(_("Requested by"), "requested_by"),
        Column(_("Tables"), "tables", classes="num"),
        Column(_("Status"), "components/cells.html#state", "display_state"),
    )
    filters = CrawlerRunFilters
    empty = EmptyState("table", _("No crawler runs yet"), _("The runs that your team starts appear here."))

    def list_rows(self) -> QuerySet[Any]:
        return list_crawler_runs(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [CrawlerRunRow(row) for row in rows]
