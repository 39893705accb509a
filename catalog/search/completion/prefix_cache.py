"""Precomputed completions for one- and two-letter prefixes. See ADR 25."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction

from catalog.search.index.models import VISIBLE_INSIDE
from catalog.search.index.vocabulary import SAMPLE
from identity.people.models import Person
from kernel.sql import prepared_cursor

MAX_LENGTH = 2
MIN_WORDS = 40
"""A prefix that more words share is cached; a new word, which is rare, is not among the first completions of it."""

Completion = tuple[str, str, str]
"""Kind, label and slug."""

_READ = """SELECT completions FROM catalog_cachedprefix
WHERE prefix = %(prefix)s AND catalog_audience(%(person)s) = '{1,2}'"""

_SHARED = f"""
SELECT left(word, length) AS prefix FROM catalog_indexedword CROSS JOIN generate_series(1, {MAX_LENGTH}) AS length
WHERE length(word) >= length GROUP BY 1 HAVING count(*) > {MIN_WORDS} ORDER BY 1"""  # noqa: S608
_INVALIDATED = "SELECT DISTINCT prefix FROM catalog_cachedprefix WHERE completions IS NULL ORDER BY prefix"
ARE_PREFIXES_INVALID = "EXISTS (SELECT FROM catalog_cachedprefix WHERE completions IS NULL)"

# A frequent word is met among the first documents; of a rare one the index has few.
_WITNESSES = f"""
WITH first AS MATERIALIZED (
  SELECT id, search FROM catalog_document WHERE {VISIBLE_INSIDE} LIMIT {SAMPLE}
), found AS MATERIALIZED (
  SELECT coalesce((SELECT id FROM first WHERE ts_match_vq(first.search, q) LIMIT 1), (SELECT min(d.id)
    FROM catalog_document d WHERE d.{VISIBLE_INSIDE} AND d.search @@ q)) AS id
  FROM unnest(%(words)s::text[]) AS word CROSS JOIN LATERAL to_tsquery('simple', quote_literal(word)) AS q
  UNION ALL SELECT -p.id FROM catalog_dataproduct p WHERE p.slug = ANY(%(slugs)s)
)
SELECT d.id FROM catalog_document d WHERE d.id IN (SELECT id FROM found) ORDER BY d.id FOR SHARE"""  # noqa: S608
# Checked again with the witnesses locked: a transaction that hides one waits for this one, and then invalidates its row.
_CHECK = f"""
WITH witness AS MATERIALIZED (
  SELECT id, search FROM catalog_document WHERE id = ANY(%(witnesses)s::bigint[]) AND {VISIBLE_INSIDE}
)
SELECT NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word WHERE NOT EXISTS (
    SELECT FROM witness WHERE ts_match_vq(search, to_tsquery('simple', quote_literal(word)))))
  AND NOT EXISTS (SELECT FROM catalog_dataproduct p WHERE p.slug = ANY(%(slugs)s)
    AND -p.id NOT IN (SELECT id FROM witness)),
  ARRAY(SELECT completions::text FROM catalog_cachedprefix WHERE prefix = %(prefix)s) = ARRAY[%(completions)s::jsonb::text]
    AND EXISTS (SELECT FROM catalog_cachedprefix WHERE prefix = %(prefix)s AND witnesses = %(witnesses)s::bigint[])"""  # noqa: S608
_DELETE = "DELETE FROM catalog_cachedprefix WHERE prefix = %(prefix)s"
_INSERT = """INSERT INTO catalog_cachedprefix (prefix, completions, witnesses)
VALUES (%(prefix)s, %(completions)s::jsonb, %(witnesses)s)"""


def cached_completions(prefix: str, person: Person) -> list[Completion] | None:
    """None if they are not cached, or were invalidated, or the person sees more or less than everyone inside."""
    with prepared_cursor() as cursor:
        cursor.execute(_READ, {"prefix": prefix, "person": person.pk})
        cached = [completions for (completions,) in cursor.fetchall()]
    if not cached or None in cached:
        return None
    return [(kind, label, slug) for kind, label, slug in json.loads(cached[0])]


def cache_completions(complete: Callable[[str], Sequence[Completion]], *, all_prefixes: bool) -> int:
    """Computes those of invalidated prefixes, or of each prefix that many words share. Returns how many differed."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARED if all_prefixes else _INVALIDATED)
        prefixes = [prefix for (prefix,) in cursor.fetchall()]
        return sum(_cache_prefix(cursor, prefix, complete) for prefix in prefixes)


def _cache_prefix(cursor: Any, prefix: str, complete: Callable[[str], Sequence[Completion]]) -> bool:
    with transaction.atomic():
        found = complete(prefix)
        parameters = {
            "prefix": prefix,
            "completions": json.dumps(found),
            "words": [label for kind, label, _ in found if kind == "word"],
            "slugs": [slug for kind, _, slug in found if kind == "product"],
        }
        cursor.execute(_WITNESSES, parameters)
        parameters["witnesses"] = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_CHECK, parameters)
        is_valid, is_stored = cursor.fetchone()
        if is_stored and is_valid:
            return False
        cursor.execute(_DELETE, parameters)
        if is_valid:
            cursor.execute(_INSERT, parameters)
        return True
