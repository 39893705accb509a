"""Which pages of a running demo are photographed: one address of each name, found by following links."""

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

ROLE_PAGES = ("home", "reviews", "grants")
"""Names of pages that differ so much by role that each person's is shown."""
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
UNLINKED_PAGES = {
    "search-results": "/search/?q=claims",
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
    """`name` is the URL's name, and for `ROLE_PAGES` the person's too."""

    name: str
    path: str


def find_pages(fetch: Callable[[str], str], person: str, known_names: Iterable[str]) -> list[FoundPage]:
    """The pages that links lead to from the home page, the first address of each name, without `known_names`.

    `fetch` returns the HTML of a path, or an empty string for what is not a page.
    """
    found: list[FoundPage] = []
    known, visited, waiting = set(known_names).difference(ROLE_PAGES), set[str](), deque(["/"])
    while waiting:
        path = waiting.popleft()
        name = get_page_name(path)
        if not name or name in visited:
            continue
        visited.add(name)
        html = fetch(path)
        if html and name not in known:
            found.append(FoundPage(f"{name}-{person}" if name in ROLE_PAGES else name, path))
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
    """Paths with queries of the links that stay on the site; `base` is the page's own path."""
    joined = (urlsplit(urljoin(base, unescape(address))) for address in LINK.findall(html))
    return [f"{part.path}?{part.query}".rstrip("?") for part in joined if not part.netloc and not part.scheme]
