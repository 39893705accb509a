"""Highlight search terms in user-entered text. All text is escaped."""

from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def highlight(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    """The text with each span in a `mark` element."""
    return format_html_join("", "{}", ((part,) for part in _mark_spans(text, spans)))


def _mark_spans(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in spans:
        yield text[at:start]
        yield format_html("<mark>{}</mark>", text[start:end])
        at = end
    yield text[at:]
