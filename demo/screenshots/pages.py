"""Which pages of a running demo are photographed: one address of each name, found by following links."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

ROLE_PAGES = ("home", "reviews", "grants")
"""Names of pages that differ so much by role that each person's is shown."""
UNLINKED_PAGES = {
    "search": "/search/?q=claims",
    "search-empty": "/search/?q=zzzz",
    "access-request-new-tag": "/access-requests/new/?tag=classification%3Dpublic",
    "error-404": "/no-such-page/",
    "admin:index": "/admin/",
    "admin:identity_person_changelist": "/admin/identity/person/",
    "api-docs": "/api/docs/",
    "styleguide": "/styleguide/",
}


@dataclass(frozen=True)
class FoundPage:
    """`name` is the URL's name, and for `ROLE_PAGES` the person's first name too."""

    name: str
    path: str


class LinkParser(HTMLParser):
    """Collects the addresses of links."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") if tag == "a" else None
        if address:
            self.addresses.append(address)


def find_pages(
    fetch: Callable[[str], str], first_name: str, known_names: Iterable[str], start: str = "/"
) -> list[FoundPage]:
    """The pages that links lead to from `start`, the first address of each name, without `known_names`.

    `fetch` returns the HTML of a path, or an empty string for what is not a page.
    """
    found: list[FoundPage] = []
    names, waiting = set(known_names), deque([start])
    names.difference_update(ROLE_PAGES)
    visited: set[str] = set()
    while waiting:
        path = waiting.popleft()
        name = get_page_name(path)
        if not name or name in visited:
            continue
        visited.add(name)
        html = fetch(path)
        if html and name not in names:
            found.append(FoundPage(f"{name}-{first_name}" if name in ROLE_PAGES else name, path))
        waiting.extend(extract_paths(html, path))
    return found


def get_page_name(path: str) -> str:
    """The name of the URL; empty for what is not a page of the portal or the demo."""
    try:
        name = resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""
    return "" if name.startswith(("api-", "admin:", "static")) else name


def extract_paths(html: str, base: str) -> list[str]:
    """Paths with queries of the links that stay on the site."""
    parser = LinkParser()
    parser.feed(html)
    joined = (urlsplit(urljoin(base, address)) for address in parser.addresses)
    return [
        part.path + (f"?{part.query}" if part.query else "")
        for part in joined
        if not part.netloc and part.scheme == ""
    ]
