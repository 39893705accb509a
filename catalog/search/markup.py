"""Plain text of descriptions and comments that contain Markdown or HTML. Pure.

Each expression takes time in proportion to the text: none scans beyond the next sign that may start it anew.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape

_MAY_BE_MARKUP = re.compile(r"[*`~\\]|[<&\[][\w/!#\[\]]|\]\(|(?<!\w)_|^[ \t]*[#>|+=-]", re.MULTILINE)

_BLOCKS = (
    "article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3"
    " h4 h5 h6 head header hr html li main nav ol p pre section summary table tbody td tfoot th thead title tr ul"
)
_INLINE = (
    "a abbr acronym address b bdi bdo big button cite code del dfn em font i iframe img input ins kbd label link mark"
    " meta q s samp small source span strike strong sub sup svg time tt u var video wbr"
)
_CERTAIN = frozenset(
    [
        "blockquote",
        "br",
        "code",
        "dd",
        "div",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "td",
        "th",
        "tr",
        "ul",
        "wbr",
    ]
)
"""Tags without an end tag and without attributes that are no placeholders, as `<table>` in a path is."""
_IS_BLOCK = frozenset(_BLOCKS.split())
_TAG = re.compile(
    rf"""</?({"|".join([*_BLOCKS.split(), *_INLINE.split()])})\b((?:[^<>"']|"[^"<]*(?:"|\Z)|'[^'<]*(?:'|\Z))*)(?:>|\Z)""",
    re.IGNORECASE,
)
_END_TAG = re.compile(r"</([a-z]+[1-6]?)", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

_FENCE = re.compile(r"^[ \t]*(```|~~~)[^\n`]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"``([^\n]{1,300}?)``|`([^`\n]{1,300})`")
_ESCAPE = re.compile(r"\\([\\*_#`\[\]<>~|])")
_AUTOLINK = re.compile(r"<((?:https?|s3|mailto):[^\s<>]+|[\w.+-]+@[\w-]+\.[\w.-]+)>")
_ADDRESS = (
    r"\(\s*(?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*(?:\)|…?\Z)"
)
_LINK = re.compile(rf"!?\[([^\[\]]*)\](?:{_ADDRESS}|\[[^\[\]\n]*\])")
_LINK_TARGET = re.compile(r"^ {0,3}\[[^\[\]\n]+\]:[ \t]+\S+[^\n]*$\n?", re.MULTILINE)
_LINES = (
    (re.compile(r"^ {0,3}(?:=+|-{2,}|(?:[*_-][ \t]*){3,})$\n?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*(?::?-+:?)?[ \t]*$\n?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}#{1,6}(?:[ \t]+|$)", re.MULTILINE), ""),
    (re.compile(r"(?<=\S)[ \t]+#+[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*[*+-][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE), "• "),
)
_ROW = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)
_FIRST, _LAST = r"(?=[^\s*_~]|[_*~](?=\w))", r"(?<=[^\s*])"
_STYLES = (
    re.compile(rf"\*\*{_FIRST}((?:[^*\n]|\*(?!\*)|\n(?!\s*\n))+?){_LAST}\*\*"),
    re.compile(r"(?<![\w*])\*(?=[\w\"'(\[_~])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"),
    re.compile(r"(?<!\w)__(?=[^\s_])((?:[^_\n]|_(?!_))+?)(?<=[^\s_])__(?!\w)"),
    re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?!\w)"),
    re.compile(rf"~~{_FIRST}([^~\n]+?)(?<=[^\s~])~~"),
)
_BLANKS, _EMPTY_LINES = re.compile(r"[ \t\xa0]+"), re.compile(r" ?\n\s*")
# Private characters stand for what is text already, until everything else is.
_PRIVATE = re.compile("[\ue000-\ue002]")
_KEPT = re.compile("\ue000(\\d+)\ue001")


def strip_markup(text: str) -> str:
    """The text as a reader of the rendered page sees it: without marks, tags, and addresses of links."""
    return _convert(text) if _MAY_BE_MARKUP.search(text) else text


@lru_cache(maxsize=2048)
def _convert(text: str) -> str:
    kept: list[str] = []

    def keep(found: str) -> str:
        kept.append(found)
        return f"\ue000{len(kept) - 1}\ue001"

    text = _keep_literals(_PRIVATE.sub("", text), keep)
    if "<" in text:
        text = _remove_tags(_HIDDEN.sub(" ", text))
    text = _LINK.sub(r"\1", _LINK.sub(r"\1", _LINK_TARGET.sub("", text)))
    for pattern, instead in _LINES:
        text = pattern.sub(instead, text)
    if "|" in text:
        text = _ROW.sub(lambda row: row.group().strip().strip("|").replace("|", " · "), text)
    for pattern in _STYLES:
        text = pattern.sub(r"\1", text)
    text = _KEPT.sub(lambda one: kept[int(one.group(1))], text)
    return _EMPTY_LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def _keep_literals(text: str, keep: Callable[[str], str]) -> str:
    if "```" in text or "~~~" in text:
        text = _FENCE.sub(lambda one: keep(one.group(2)), text)
    if "`" in text:
        text = _CODE.sub(lambda one: keep((one.group(1) or one.group(2)).strip()), text)
    if "\\" in text:
        text = _ESCAPE.sub(lambda one: keep(one.group(1)), text)
    if "<" in text:
        text = _AUTOLINK.sub(lambda one: keep(one.group(1)), text)
    return _ENTITY.sub(lambda one: keep(unescape(one.group())), text) if "&" in text else text


def _remove_tags(text: str) -> str:
    ended = {name.lower() for name in _END_TAG.findall(text)}

    def replace(tag: re.Match[str]) -> str:
        name, attributes = tag.group(1).lower(), tag.group(2)
        if name in _CERTAIN or name in ended or "=" in attributes or attributes.strip() == "/":
            return "\n" if name in _IS_BLOCK else ""
        return tag.group()

    return _TAG.sub(replace, text)
