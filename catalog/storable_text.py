"""Text as PostgreSQL can store it. Pure."""

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # No text: PostgreSQL takes no NUL, UTF-8 no half a character.


def storable(text: object, longest: int | None = None) -> str:
    """`text` with NUL and lone surrogates, which PostgreSQL refuses, replaced; cut to `longest`."""
    clean = "" if text is None else UNSTORABLE.sub("\ufffd", str(text))
    return clean if longest is None else clean[:longest]
