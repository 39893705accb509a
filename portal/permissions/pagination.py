"""Where a page of a ledger begins or ends, in its address: the key of a permission, and how many lines stand before."""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.http import QueryDict

from fulfilment.ledger.lines import Key
from fulfilment.ledger.queries import Excerpt, Page, page
from portal.pages.pagination import Pager

SALT = "ledger-cursor"
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True)
class Place:
    """`key` is the permission after or before which a page lies, `lines` the number of lines up to there."""

    key: Key
    lines: int


def page_at(query: QueryDict, excerpt: Excerpt, now: datetime, size: int) -> tuple[Page, int]:
    """The page that an address asks for, and how many lines stand before it. What was tampered with is the first."""
    after, before = _opened(query.get(AFTER)), _opened(query.get(BEFORE))
    if after:
        return page(excerpt, now, size, after=after.key), after.lines
    if before:
        found = page(excerpt, now, size, before=before.key)
        return found, max(0, before.lines - len(found.lines))
    return page(excerpt, now, size), 0


def pager_by_key(found: Page, start: int, total: int, query: QueryDict) -> Pager:
    """`start`: as many lines stand before the page."""
    end = start + len(found.lines)
    return Pager(
        first=min(start + 1, total),
        last=end,
        total=total,
        previous_url=_address(query, BEFORE, found.first, start) if found.more_before else "",
        next_url=_address(query, AFTER, found.last, end) if found.more_after else "",
    )


def _address(query: QueryDict, name: str, key: Key | None, lines: int) -> str:
    asked = query.copy()
    for one in (AFTER, BEFORE):
        asked.pop(one, None)
    asked[name] = signing.Signer(salt=SALT).sign_object([*(key or ()), lines], compress=True)
    return f"?{asked.urlencode()}"


def _opened(cursor: str | None) -> Place | None:
    try:
        *key, lines = signing.Signer(salt=SALT).unsign_object(cursor or "")
    except signing.BadSignature:
        return None
    return Place(Key(*key), lines)
