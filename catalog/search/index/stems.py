"""English stems as PostgreSQL computes them; cached in the process."""

from collections.abc import Iterable, Mapping

from django.db import connection

MAX_CACHED_LENGTH = 200
"""Characters of a word."""
MAX_CACHED = 100_000
_STEMS = "SELECT word, coalesce((ts_lexize('english_stem', word))[1], '') FROM unnest(%s::text[]) AS word"
_cache: dict[str, str] = {}
"""Word → stem; empty for a stop word."""


def stems_of(words: Iterable[str]) -> Mapping[str, str]:
    """Word → stem, without stop words. At most one query; none for words that this process has met before."""
    wanted = set(words)
    stems = {word: stem for word in wanted if (stem := _cache.get(word)) is not None}
    if new := sorted(wanted.difference(stems)):
        with connection.cursor() as cursor:
            cursor.execute(_STEMS, [new])
            read = dict(cursor.fetchall())
        if len(_cache) > MAX_CACHED:
            _cache.clear()
        _cache.update({word: stem for word, stem in read.items() if len(word) <= MAX_CACHED_LENGTH})
        stems |= read
    return {word: stem for word, stem in stems.items() if stem}
