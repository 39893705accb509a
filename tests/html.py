"""HTML as tests compare it."""

import re
from html import unescape


def squeeze(page: str) -> str:
    """Without whitespace beside tags."""
    return re.sub(r"\s*(<[^<>]*>)\s*", r"\1", page)


def list_inbox_rows(page: str) -> list[tuple[str, str, str]]:
    """Address, text and kind of each row of the inbox that is no access request."""
    row = r'<a class="name" data-row href="([^"]*)"[^<>]*>([^<>]*)</a></div><span class="extent small">([^<>]*)</span>'
    return [(address, unescape(text), kind) for address, text, kind in re.findall(row, squeeze(page))]
