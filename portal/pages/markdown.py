"""Markdown that people write, as HTML that is safe to show."""

from functools import lru_cache
from itertools import accumulate

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
URL_SCHEMES = {"http", "https", "mailto"}
LOWEST_HEADING, TOP_HEADING = 6, 2
"""A heading of the text becomes one beneath the page's own, which go down to h2."""

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


@lru_cache(maxsize=256)
def render_markdown(text: str, most: int) -> tuple[str, str]:
    """Safe HTML of the first blocks, up to the one that passes `most` characters, and of the rest, which may be empty."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            token.tag = f"h{min(int(token.tag[1]) + TOP_HEADING, LOWEST_HEADING)}"
    end = _find_end(tokens, text, most)
    return _render(tokens[:end]), _render(tokens[end:])


def _find_end(tokens: list[Token], text: str, most: int) -> int:
    """The index behind the last token of the first blocks."""
    lengths = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    last_line = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.map:
            last_line = token.map[1]
        if token.level == 0 and token.nesting < 1 and lengths[min(last_line, len(lengths) - 1)] >= most:
            return at + 1
    return len(tokens)


def _render(tokens: list[Token]) -> str:
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=URL_SCHEMES, link_rel="noopener nofollow"
    )
