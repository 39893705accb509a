"""Highlight search terms in user-entered text. All text is escaped."""

from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def highlight(text: str, spans: Iterable[tuple[int, int]], max_length: int | None = None) -> SafeString:
    """The text with each span in a `mark` element; beyond `max_length`, the part with the first span."""
    found = list(spans)
    if max_length is not None and len(text) > max_length:
        text, found = _excerpt(text, found, max_length)
    return format_html_join("", "{}", ((part,) for part in _mark_spans(text, found)))


def _excerpt(text: str, spans: list[tuple[int, int]], most: int) -> tuple[str, list[tuple[int, int]]]:
    """About `most` characters around the first span, with an ellipsis where something is left out."""
    start = max(0, spans[0][0] - most // 4) if spans and spans[0][1] > most else 0
    end = start + most
    before, after = "…" if start else "", "…" if end < len(text) else ""
    moved = len(before) - start
    inside = [(one + moved, other + moved) for one, other in spans if other <= end]
    return f"{before}{text[start:end]}{after}", inside


def _mark_spans(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in spans:
        yield text[at:start]
        yield format_html("<mark>{}</mark>", text[start:end])
        at = end
    yield text[at:]
