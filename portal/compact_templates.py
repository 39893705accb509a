"""Loads templates without the indentation of their source, which browsers would ignore."""

import re

from django.template import Origin
from django.template.loaders.filesystem import Loader as FilesystemLoader

PRESERVED = re.compile(r"(<(?:pre|textarea|script|style)\b.*?</(?:pre|textarea|script|style)>)", re.DOTALL)
INDENTATION = re.compile(r"\n[ \t]+")


class Loader(FilesystemLoader):
    """Line breaks stay, so that errors name the lines of the source."""

    def get_contents(self, origin: Origin) -> str:
        return strip_indentation(super().get_contents(origin))


def strip_indentation(source: str) -> str:
    """Elements that show their whitespace keep it."""
    parts = PRESERVED.split(source)
    parts[::2] = [INDENTATION.sub("\n", part) for part in parts[::2]]
    return "".join(parts)
