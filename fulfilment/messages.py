"""What the pure core, the workers and the catalog say in English, in the language of whoever reads it."""

from collections.abc import Mapping

from django.utils.translation import get_language, gettext

from lakeformation.values.messages import MessageTemplate, find_message, gettext_noop, message
from lakeformation.values.wording import to_sentence

DURATIONS = tuple(
    message(text)
    for text in (
        gettext_noop("less than a minute"), gettext_noop("%(n)d minute"), gettext_noop("%(n)d minutes"),
        gettext_noop("%(n)d hour"), gettext_noop("%(n)d hours"),
        gettext_noop("%(n)d day"), gettext_noop("%(n)d days"),
    )
)  # fmt: skip
"""What `kernel.durations` says where text is stored."""
MAX_DEPTH = 4
"""Of messages within messages."""


def translate_message(text: str, depth: int = 0) -> str:
    """A text of a known template with its values, each of which may be such a text; any other text as it is. What begins with a
    capital letter and ends with a full stop may be a known text as `to_sentence` has made it.
    """
    if not text or (get_language() or "en").startswith("en"):
        return text
    if match := find_message(text):
        return format_translated(*match, depth)
    bare = text.removesuffix(".")
    if bare == text or not (match := find_message(bare) or find_message(f"{bare[:1].lower()}{bare[1:]}")):
        return text
    return to_sentence(format_translated(*match, depth))


def is_translated(text: str) -> bool:
    """Whether `translate_message` knows the text, or the reader's language is English."""
    return (get_language() or "en").startswith("en") or translate_message(text) != text


def format_translated(template: MessageTemplate, values: Mapping[str, str | int], depth: int = 0) -> str:
    """The template in the reader's language, with its values translated."""
    translated = {
        name: translate_message(value, depth + 1) if isinstance(value, str) and depth < MAX_DEPTH else value
        for name, value in values.items()
    }
    return gettext(template.text) % translated
