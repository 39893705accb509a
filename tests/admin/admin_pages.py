"""What is read of the administration's pages: cells of its lists, links, and addresses."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

ID = re.compile(r"(?<!\d)71\d{5}(?!\d)")
NUMBERED = re.compile(r"\b(request|grant|offer|sync|break-glass|standing consent|tag change) 71\d{5}\b")
"""What the portal calls by a number; a name stands beside it."""
NAME = re.compile(r"[a-z]+-[a-f]\b")


class ListReader(HTMLParser):
    """The texts of the cells of the result list, by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "table":
            self.is_inside = dict(attrs).get("id") == "result_list"
        elif tag == "tr" and self.is_inside:
            self.rows.append([])
        elif tag in {"td", "th"} and self.is_inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = self.is_inside and tag != "table"

    def handle_data(self, data: str) -> None:
        if self.is_inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


class LinkReader(HTMLParser):
    """Addresses of the page's links; Django's script shows what is in a template."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        address = dict(attrs).get("href") if tag == "a" else None
        if address and "__fk__" not in address:
            self.links.add(address)


def list_links(page: str, address: str) -> Iterator[str]:
    """Paths that the page leads to, without those that only order or filter it."""
    for link in LinkReader(page).links:
        target = urlsplit(urljoin(address, link))
        if target.path not in {"", address} and not target.scheme:
            yield target.path


def is_bare(cell: str, own: set[str]) -> bool:
    """Whether it refers to another row by a number alone; `own` are the numbers of the list's own rows."""
    found = set(ID.findall(cell)) - own
    return bool(found) and (bool(ID.search(NUMBERED.sub("", cell))) or not NAME.search(cell))
