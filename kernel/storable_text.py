"""Text as PostgreSQL can store it. Pure."""

import re

UNSTORABLE_CHARACTERS = re.compile(
    "[\x00\ud800-\udfff]"
)  # No text: PostgreSQL takes no NUL, UTF-8 no half a character.


def replace_unstorable(text: object, longest: int | None = None) -> str:
    """`text` with NUL and lone surrogates, which PostgreSQL refuses, replaced; cut to `longest`."""
    clean = "" if text is None else UNSTORABLE_CHARACTERS.sub("\ufffd", str(text))
    return clean if longest is None else clean[:longest]
