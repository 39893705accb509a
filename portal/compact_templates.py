"""Loads templates without the line breaks and the indentation of their source that browsers would ignore."""

import re

from django.template import Origin
from django.template.loaders.filesystem import Loader as FilesystemLoader

PRESERVED = re.compile(r"(<(?:pre|textarea|script|style)\b.*?</(?:pre|textarea|script|style)>)", re.DOTALL)
BLOCK_NAMES = (
    "address|article|aside|blockquote|body|caption|col|colgroup|datalist|dd|details|dialog|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|h[1-6]|head|header|hr|legend|li|link|main|meta|nav|ol|optgroup|option|p|search|"
    "section|summary|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
ATTRIBUTES = r"""(?:\{%.*?%\}|\{\{.*?\}\}|"(?:\{%.*?%\}|\{\{.*?\}\}|[^"])*"|[^<>"{]|\{(?![%{]))*"""
TAG = re.compile(rf"<[a-z][\w-]*\b{ATTRIBUTES}>", re.DOTALL)
BLOCK_TAG = re.compile(rf"(?:\n\s*)?(</?(?:{BLOCK_NAMES})\b{ATTRIBUTES}>)(?:\n\s*)?")
BREAK = re.compile(r"\n\s*")


class Loader(FilesystemLoader):
    def get_contents(self, origin: Origin) -> str:
        return compact(super().get_contents(origin))


def compact(source: str) -> str:
    """A line break with its indentation becomes a space, and none stays beside a tag of block level. Elements that show their whitespace
    keep it.
    """
    parts = PRESERVED.split(source)
    parts[::2] = map(compact_part, parts[::2])
    return "".join(parts)


def compact_part(part: str) -> str:
    on_one_line = TAG.sub(lambda tag: BREAK.sub(" ", tag.group()), part)
    return BREAK.sub(" ", BLOCK_TAG.sub(r"\1", on_one_line))
