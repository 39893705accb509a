"""The 25 main pages of the demo, each with who opens it: what `bench pages` and `demo --measure-pages` measure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

CONSUMER, OWNER, GOVERNOR = "Ana Keller", "Jonas Weber", "Greta Sommer"
"""By the names that the sign-in page of the demo shows."""


@dataclass(frozen=True)
class MainPage:
    """`path` is an address; or, with `link`, that of a page whose first link of that form leads to the page."""

    name: str
    person: str
    path: str
    link: str = ""

    def find_path(self, fetch: Callable[[str], str]) -> str:
        """`fetch` returns the HTML of a path. LookupError without a link."""
        if not self.link:
            return self.path
        found = re.search(rf'href="({self.link})"', fetch(self.path))
        if found is None:
            raise LookupError(f"{self.path} has no link to {self.name} for {self.person}.")
        return unescape(found[1])


PRODUCT = "/data-products/claims/"
MAIN_PAGES = (
    MainPage("home of a consumer", CONSUMER, "/"),
    MainPage("browse", CONSUMER, "/search/"),
    MainPage("search", CONSUMER, "/search/?q=claims"),
    MainPage("product", CONSUMER, PRODUCT),
    MainPage("table", CONSUMER, PRODUCT, r"/tables/\d+/"),
    MainPage("lineage", CONSUMER, f"{PRODUCT}lineage/"),
    MainPage("usage", CONSUMER, f"{PRODUCT}usage/"),
    MainPage(
        "request form", CONSUMER, "/data-products/life-expectancy/", r'/access-requests/new/\?table=\d+[^"]*'
    ),
    MainPage("my requests", CONSUMER, "/access-requests/"),
    MainPage("request", CONSUMER, "/access-requests/", r"/access-requests/\d+/"),
    MainPage("my access", CONSUMER, "/grants/"),
    MainPage("basket", CONSUMER, "/baskets/"),
    MainPage("notifications", CONSUMER, "/notifications/"),
    MainPage("glossary", CONSUMER, "/glossary/"),
    MainPage("home of an owner", OWNER, "/"),
    MainPage("inbox", OWNER, "/reviews/"),
    MainPage("review", OWNER, "/reviews/", r"/reviews/\d+/"),
    MainPage("decided", OWNER, "/reviews/decided/"),
    MainPage("who has access", OWNER, f"{PRODUCT}access/"),
    MainPage("my products", OWNER, "/my-products/"),
    MainPage("editor", OWNER, "/my-products/claims/edit/"),
    MainPage("mesh", GOVERNOR, "/mesh/"),
    MainPage("health", GOVERNOR, "/health/"),
    MainPage("permissions", GOVERNOR, "/permissions/"),
    MainPage("audit log", GOVERNOR, "/audit/"),
)


def group_by_person() -> Iterator[tuple[str, list[MainPage]]]:
    for person in (CONSUMER, OWNER, GOVERNOR):
        yield person, [page for page in MAIN_PAGES if page.person == person]
