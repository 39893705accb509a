"""Parsing of row ids in forms and URLs."""

from collections.abc import Iterable

MAX_DIGITS = 18
"""Every number of so many digits fits a bigint."""


def parse_id(text: str) -> int | None:
    """None unless the text consists of ASCII digits only."""
    plain = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return int(text) if plain else None


def parse_ids(texts: Iterable[str]) -> list[int]:
    """The valid ids in order, without duplicates."""
    return list(dict.fromkeys(pk for text in texts if (pk := parse_id(text)) is not None))


def map_by_id(texts: Iterable[str], words: Iterable[str]) -> dict[int, str]:
    """Map each valid id to the word at the same position."""
    pairs = zip(texts, words, strict=False)
    return {pk: word for text, word in pairs if (pk := parse_id(text)) is not None}
