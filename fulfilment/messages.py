"""What the pure core, the workers and the catalog say in English, in the language of whoever reads it."""

from collections.abc import Mapping

from django.utils.translation import get_language, gettext

from lakeformation.values.messages import MessageTemplate, find_message
from lakeformation.values.wording import to_sentence

MAX_DEPTH = 4
"""Of messages within messages."""


def translate_message(text: str, depth: int = 0) -> str:
    """A text of a known template with its values, each of which may be such a text; any other text as it is."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    bare = text.removesuffix(".")
    for candidate, end in ((text, ""), (bare, "."), (f"{bare[:1].lower()}{bare[1:]}", ".")):
        if found := find_message(candidate):
            translated = fill_translated(found[0], found[1], depth)
            return to_sentence(translated) if end and bare != text else translated
    return text


def fill_translated(template: MessageTemplate, values: Mapping[str, str | int], depth: int = 0) -> str:
    """The template in the reader's language, with its values translated."""
    said = {
        name: translate_message(value, depth + 1) if isinstance(value, str) and depth < MAX_DEPTH else value
        for name, value in values.items()
    }
    return gettext(template.text) % said
