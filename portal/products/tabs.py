"""The parts of a data product's page, each with an address of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ProductTab(StrEnum):
    OVERVIEW = "overview"
    COLUMNS = "columns"
    QUALITY = "quality"
    LINEAGE = "lineage"
    USAGE = "usage"
    DISCUSSION = "discussion"
    HISTORY = "history"


@dataclass(frozen=True)
class TabText:
    """`title` is that of the browser's window."""

    route: str
    label: str | Promise
    title: str | Promise


TABS: Mapping[ProductTab, TabText] = {
    ProductTab.OVERVIEW: TabText("data-product", _("Overview"), "%(name)s"),
    ProductTab.COLUMNS: TabText("data-product-columns", _("Columns"), _("Columns of %(name)s")),
    ProductTab.QUALITY: TabText(
        "data-product-quality", _("Quality and freshness"), _("Quality and freshness of %(name)s")
    ),
    ProductTab.LINEAGE: TabText("data-product-lineage", _("Lineage"), _("Lineage of %(name)s")),
    ProductTab.USAGE: TabText("data-product-usage", _("Usage"), _("Usage of %(name)s")),
    ProductTab.DISCUSSION: TabText("data-product-questions", _("Discussion"), _("Discussion of %(name)s")),
    ProductTab.HISTORY: TabText("data-product-changes", _("History"), _("History of %(name)s")),
}


@dataclass(frozen=True)
class PageTab:
    """For `components/page_tabs.html`. `number` says how much is there; None is not shown."""

    label: str | Promise
    url: str
    is_current: bool
    number: int | None = None


def build_tabs(slug: str, current: ProductTab, numbers: Mapping[ProductTab, int]) -> list[PageTab]:
    return [
        PageTab(text.label, reverse(text.route, args=[slug]), tab is current, numbers.get(tab))
        for tab, text in TABS.items()
    ]


def build_title(tab: ProductTab, name: str) -> str:
    return str(TABS[tab].title) % {"name": name}
