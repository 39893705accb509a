"""Precomputed completions for one- and two-letter prefixes."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction

from catalog.prepared_statements import prepared
from catalog.search.index.models import EVERYONE
from catalog.search.index.vocabulary import A_FEW

LONGEST = 2
MANY = 40
"""So many words share a beginning that is told in advance; a new word, which is rare, does not come before them."""

Offered = tuple[str, str, str]
"""Kind, label and slug, as completion shows them."""

_READ = "SELECT offered FROM catalog_beginning WHERE begun = %(begun)s"

_SHARED = f"""
SELECT left(word, signs) AS begun FROM catalog_indexedword CROSS JOIN generate_series(1, {LONGEST}) AS signs
WHERE length(word) >= signs GROUP BY 1 HAVING count(*) > {MANY} ORDER BY 1"""  # noqa: S608
_TAKEN_BACK = "SELECT DISTINCT begun FROM catalog_beginning WHERE offered IS NULL ORDER BY begun"

# A frequent word is met among the first documents; of a rare one the index has few.
_WITNESSES = f"""
WITH first AS MATERIALIZED (
  SELECT id, search FROM catalog_document WHERE visibility = {EVERYONE} LIMIT {A_FEW}
), found AS MATERIALIZED (
  SELECT coalesce((SELECT id FROM first WHERE ts_match_vq(first.search, q) LIMIT 1), (SELECT min(d.id)
    FROM catalog_document d WHERE d.visibility = {EVERYONE} AND d.search @@ q)) AS id
  FROM unnest(%(words)s::text[]) AS word CROSS JOIN LATERAL to_tsquery('simple', quote_literal(word)) AS q
  UNION ALL SELECT -p.id FROM catalog_dataproduct p WHERE p.slug = ANY(%(slugs)s)
)
SELECT d.id FROM catalog_document d WHERE d.id IN (SELECT id FROM found) ORDER BY d.id FOR SHARE"""  # noqa: S608
# Asked again with the witnesses locked: who would hide one waits for us, and takes back what we wrote.
_STANDS = f"""
WITH witness AS MATERIALIZED (
  SELECT id, search FROM catalog_document WHERE id = ANY(%(witnesses)s::bigint[]) AND visibility = {EVERYONE}
)
SELECT NOT EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word WHERE NOT EXISTS (
    SELECT FROM witness WHERE ts_match_vq(search, to_tsquery('simple', quote_literal(word)))))
  AND NOT EXISTS (SELECT FROM catalog_dataproduct p WHERE p.slug = ANY(%(slugs)s)
    AND -p.id NOT IN (SELECT id FROM witness)),
  ARRAY(SELECT offered::text FROM catalog_beginning WHERE begun = %(begun)s) = ARRAY[%(offered)s::jsonb::text]
    AND EXISTS (SELECT FROM catalog_beginning WHERE begun = %(begun)s AND witnesses = %(witnesses)s::bigint[])"""  # noqa: S608
_TAKE = "DELETE FROM catalog_beginning WHERE begun = %(begun)s"
_WRITE = """INSERT INTO catalog_beginning (begun, offered, witnesses)
VALUES (%(begun)s, %(offered)s::jsonb, %(witnesses)s)"""


def told_for(begun: str) -> list[Offered] | None:
    """What is offered for this beginning; None when that is not told in advance, or taken back."""
    with prepared() as cursor:
        cursor.execute(_READ, {"begun": begun})
        told = [offered for (offered,) in cursor.fetchall()]
    if not told or None in told:
        return None
    return [(kind, label, slug) for kind, label, slug in json.loads(told[0])]


def tell(offered: Callable[[str], Sequence[Offered]], *, anew: bool) -> int:
    """Write what is `offered` for the beginnings that were taken back, or `anew` for each that many words share.

    Returns how many of them differed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARED if anew else _TAKEN_BACK)
        wanted = [begun for (begun,) in cursor.fetchall()]
        return sum(_told_anew(cursor, begun, offered) for begun in wanted)


def _told_anew(cursor: Any, begun: str, offered: Callable[[str], Sequence[Offered]]) -> bool:
    with transaction.atomic():
        found = offered(begun)
        given = {
            "begun": begun,
            "offered": json.dumps(found),
            "words": [label for kind, label, _ in found if kind == "word"],
            "slugs": [slug for kind, _, slug in found if kind == "product"],
        }
        cursor.execute(_WITNESSES, given)
        given["witnesses"] = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_STANDS, given)
        stands, is_written = cursor.fetchone()
        if is_written and stands:
            return False
        cursor.execute(_TAKE, given)
        if stands:
            cursor.execute(_WRITE, given)
        return True
