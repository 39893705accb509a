"""Ids of rows as forms and addresses say them."""

from collections.abc import Iterable

LONGEST = 18
"""Digits: each number that is so long fits a bigint."""


def id_in(text: str) -> int | None:
    """The number that the text is: ASCII digits alone. None for anything else, which then counts for nothing."""
    plain = text.isascii() and text.isdecimal() and len(text) <= LONGEST
    return int(text) if plain else None


def ids_in(texts: Iterable[str]) -> list[int]:
    """Those that are ids, in their order, each once."""
    return list(dict.fromkeys(pk for text in texts if (pk := id_in(text)) is not None))


def by_id(texts: Iterable[str], words: Iterable[str]) -> dict[int, str]:
    """What stands beside each id; neither one without the other."""
    pairs = zip(texts, words, strict=False)
    return {pk: word for text, word in pairs if (pk := id_in(text)) is not None}
