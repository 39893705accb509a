"""Signed cursors for the pages of a permission list."""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.http import QueryDict

from fulfilment.permissions.catalog_permissions import PermissionKey
from fulfilment.permissions.queries import PermissionFilter, PermissionPage, load_page
from portal.pages.pagination import Pager

CURSOR_SALT = "permissions-cursor"
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True)
class PageCursor:
    """`key` is the permission before or after the page, `line_offset` the number of lines before it."""

    key: PermissionKey
    line_offset: int


def get_permission_page(
    query: QueryDict, excerpt: PermissionFilter, now: datetime, size: int
) -> tuple[PermissionPage, int]:
    """The requested page and the number of lines before it; the first page for an invalid cursor."""
    after, before = _parse_cursor(query.get(AFTER)), _parse_cursor(query.get(BEFORE))
    if after:
        return load_page(excerpt, now, size, after=after.key), after.line_offset
    if before:
        found = load_page(excerpt, now, size, before=before.key)
        return found, max(0, before.line_offset - len(found.permissions))
    return load_page(excerpt, now, size), 0


def build_cursor_pager(found: PermissionPage, start: int, total: int, query: QueryDict) -> Pager:
    """`start` is the number of lines before the page."""
    end = start + len(found.permissions)
    return Pager(
        first=min(start + 1, total),
        last=end,
        total=total,
        previous_url=_build_page_url(query, BEFORE, found.first_key, start) if found.has_previous else "",
        next_url=_build_page_url(query, AFTER, found.last_key, end) if found.has_next else "",
    )


def _build_page_url(query: QueryDict, name: str, key: PermissionKey | None, lines: int) -> str:
    asked = query.copy()
    for one in (AFTER, BEFORE):
        asked.pop(one, None)
    asked[name] = signing.Signer(salt=CURSOR_SALT).sign_object([*(key or ()), lines], compress=True)
    return f"?{asked.urlencode()}"


def _parse_cursor(cursor: str | None) -> PageCursor | None:
    try:
        *key, lines = signing.Signer(salt=CURSOR_SALT).unsign_object(cursor or "")
    except signing.BadSignature:
        return None
    return PageCursor(PermissionKey(*key), lines)
