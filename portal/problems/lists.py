"""The list of problems."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.problems import OPEN_PROBLEM_STATES, ProblemState, list_problems
from catalog.products.may import list_maintained_products, visible_products
from portal.api.filters import ListFilters, by_choice, by_id, by_text
from portal.api.pagination import Rows
from portal.lists.declaration import EmptyState, ListPage, Text
from portal.problems.presenters import build_problem_rows

MINE, OPEN, RESOLVED, ALL = "mine", "open", "resolved", "all"
TAB_FILTERS = {
    MINE: Q(state__in=OPEN_PROBLEM_STATES),
    OPEN: Q(state__in=OPEN_PROBLEM_STATES),
    RESOLVED: Q(state=ProblemState.RESOLVED),
    ALL: Q(),
}


class ProblemFilters(ListFilters):
    state = by_choice("state", ProblemState.values, "Its state.")
    data_product = by_text("product__slug", "The data product.")
    table = by_id("table", "The table.")


class ProblemList(ListPage):
    """The tab `mine` has those that wait for the person's answer."""

    route = "problems"
    template = "portal/problems/list.html"
    cells = "portal/problems/_rows.html"
    title = _("Problems")
    lead = _("What people reported about data products that you can see.")
    filters = ProblemFilters
    tab_parameter = "state"
    empty = EmptyState(
        "check",
        _("No problems here"),
        _("Report a problem on the page of a data product or a table."),
        _("Browse data products"),
        "search",
        "plain",
    )

    def list_tabs(self) -> dict[str, Text]:
        mine = {MINE: _("For you to answer")} if list_maintained_products(self.person).exists() else {}
        return {**mine, OPEN: _("Open"), RESOLVED: _("Resolved"), ALL: _("All")}

    def get_usual_tab(self) -> str:
        return MINE if MINE in self.tabs and not self.query.get("data_product") else OPEN

    def read_tab(self, asked: str) -> str:
        """Nobody but a maintainer has the tab `mine`, and nothing is theirs."""
        return MINE if asked == MINE else super().read_tab(asked)

    def list_rows(self) -> Rows:
        return list_problems(self.person)

    def list_tab_rows(self) -> Rows:
        rows = list_problems(self.person).filter(TAB_FILTERS[self.tab])
        return rows.filter(product__in=list_maintained_products(self.person)) if self.tab == MINE else rows

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_problem_rows(rows, self.now)

    def build_context(self, _rows: list[Any]) -> Mapping[str, Any]:
        slug = self.query.get("data_product", "")
        return {"product": visible_products(self.person).filter(slug=slug).first() if slug else None}
