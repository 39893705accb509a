"""Pages of a list; which page is part of the address."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page


@dataclass(frozen=True)
class Pager:
    first: int
    last: int
    total: int
    previous_url: str
    next_url: str


def pager_of(page: Page[Any], address: str = "", *, name: str = "page") -> Pager:
    """`address` is what else stands in the query string, `name` what the page is called there."""
    size = page.paginator.per_page
    return pager_at((page.number - 1) * size, size, page.paginator.count, address, name=name)


def pager_at(offset: int, size: int, total: int, address: str, *, name: str = "page") -> Pager:
    """For a list that counts by itself; `address` is its query string without the page."""
    number = offset // size + 1
    start = f"?{address}&" if address else "?"
    return Pager(
        first=min(offset + 1, total),
        last=min(offset + size, total),
        total=total,
        previous_url=f"{start}{name}={number - 1}" if number > 1 else "",
        next_url=f"{start}{name}={number + 1}" if offset + size < total else "",
    )
