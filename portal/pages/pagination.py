"""Pagination of lists; the page is in the query string."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from kernel.queries import limit_rows


@dataclass(frozen=True)
class Pager:
    first: int
    last: int
    total: int
    previous_url: str
    next_url: str


def paginate_rows(rows: QuerySet[Any] | Sequence[Any], size: int, number: str | None) -> Page[Any]:
    """As `Paginator.get_page`, also for rows that join many tables."""
    page: Page[Any] = Paginator(rows, size).get_page(number)
    if not isinstance(rows, QuerySet):
        return page
    start = (page.number - 1) * size
    page.object_list = limit_rows(rows, start + size, start=start)
    return page


def build_pager(page: Page[Any], address: str = "", *, parameter: str = "page") -> Pager:
    """`address` is the rest of the query string, `parameter` the name of the page parameter."""
    size = page.paginator.per_page
    return build_offset_pager(
        (page.number - 1) * size, size, page.paginator.count, address, parameter=parameter
    )


def build_offset_pager(offset: int, size: int, total: int, address: str, *, parameter: str = "page") -> Pager:
    """For a list with its own count. `address` is the query string without the page."""
    number = offset // size + 1
    start = f"?{address}&" if address else "?"
    return Pager(
        first=min(offset + 1, total),
        last=min(offset + size, total),
        total=total,
        previous_url=f"{start}{parameter}={number - 1}" if number > 1 else "",
        next_url=f"{start}{parameter}={number + 1}" if offset + size < total else "",
    )
