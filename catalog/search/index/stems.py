"""Stems of words, as PostgreSQL makes them; kept in the process."""

from collections.abc import Iterable, Mapping

from django.db import connection

SHORT = 200
"""Characters of a text, or of a word, that is worth to be kept."""
MOST_STEMS = 100_000
_stems: dict[str, str] = {}
"""Of words that this process has met; empty for one that has none."""


def stems_of(known: Iterable[str]) -> Mapping[str, str]:
    """Word → stem; a word that has none of its own, a stop word for one, is left out. One query, none for words that this
    process has asked about before: a word's stem stays what it is.
    """
    wanted = set(known)
    stems = {word: stem for word in wanted if (stem := _stems.get(word)) is not None}
    if new := sorted(wanted.difference(stems)):
        stems |= _learn(new)
    return {word: stem for word, stem in stems.items() if stem}


def _learn(new: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, (ts_lexize('english_stem', word))[1] FROM unnest(%s::text[]) AS word", [new]
        )
        learnt = {word: stem or "" for word, stem in cursor.fetchall()}
    if len(_stems) > MOST_STEMS:
        _stems.clear()
    _stems.update({word: stem for word, stem in learnt.items() if len(word) <= SHORT})
    return learnt
