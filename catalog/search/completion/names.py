"""Completes names of products and terms: the best match first, then the more popular, then in natural order."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from catalog.search.index.models import VISIBLE_DOCUMENT

MAX_PRODUCTS = 4
MAX_TERMS = 2
MAX_CANDIDATES = 40
"""Names of a kind that are put in their natural order."""
_DIGITS = re.compile(r"(\d+)")

_SPACED = "' ' || translate({name}, '-_/.,:()', '        ') || ' '"
# A whole name, then one that contains the typed word as a whole, then one that begins with what was typed; a synonym does
# not show what was typed.
_RANK = f"""CASE WHEN {{name}} = %(typed)s THEN 0 ELSE 1
  + CASE WHEN {_SPACED} LIKE %({{whole}})s THEN 0 ELSE 2 END + CASE WHEN {{name}} LIKE %(begins)s THEN {{begins}} ELSE 1 END END"""
# Names that differ in a number only, by the number.
_ORDER = "match, teams DESC, translate(name, '0123456789', ''), length(name), name, id"
_HEAD = "websearch_to_tsquery('english', %(head)s)"

# Products by the words of their names, approved terms by names and synonyms: everybody reads the glossary.
NAME_CANDIDATES = f"""
SELECT 'product', p.name, p.slug, found.match, found.teams, '{{}}'::text[] FROM (
  SELECT d.id, d.name, d.teams, {_RANK.format(name="d.name", whole="whole_word", begins=0)}
    + CASE WHEN %(head)s::text = '' OR d.names @@ {_HEAD} THEN 0 ELSE 4 END AS match
  FROM catalog_document d
  WHERE d.id < 0 AND {VISIBLE_DOCUMENT} AND d.names @@ to_tsquery('simple', %(prefix)s)
    AND (%(head)s::text = '' OR d.search @@ ({_HEAD} && to_tsquery('simple', %(prefix)s)))
  ORDER BY {_ORDER} LIMIT {MAX_CANDIDATES}) AS found
JOIN catalog_dataproduct p ON -p.id = found.id
UNION ALL
(SELECT 'term', label, slug, match, teams, '{{}}' FROM (
  SELECT t.id, t.name || coalesce(' (' || domain.name || ')', '') AS label, lower(t.name) AS name, t.slug, best.match, coalesce((
    SELECT max(d.teams) FROM catalog_termlink l JOIN catalog_document d ON d.id = coalesce(l.table_id, -l.product_id)
    WHERE l.term_id = t.id AND {VISIBLE_DOCUMENT}), 0) AS teams
  FROM catalog_term t LEFT JOIN catalog_domain domain ON domain.id = t.domain_id CROSS JOIN LATERAL (
    SELECT min({_RANK.format(name="lower(name)", whole="whole_text", begins="(name <> t.name)::int")}) AS match
    FROM unnest(array_prepend(t.name::text, t.synonyms::text[])) AS name
    WHERE {_SPACED.format(name="lower(name)")} LIKE %(starts_word)s) AS best
  WHERE best.match IS NOT NULL AND t.state = 'approved') AS found
ORDER BY {_ORDER} LIMIT {MAX_CANDIDATES})"""  # noqa: S608


class NameCandidate(NamedTuple):
    """`match` is less for a better one."""

    kind: str
    label: str
    slug: str
    match: int
    teams: int


def choose_names(found: Iterable[NameCandidate]) -> list[NameCandidate]:
    ordered = sorted(found, key=_order)
    products = [each for each in ordered if each.kind == "product"][:MAX_PRODUCTS]
    terms = [each for each in ordered if each.kind == "term"][:MAX_TERMS]
    return sorted([*products, *terms], key=_order)


def _order(each: NameCandidate) -> tuple[int, int, str, list[str | int], str]:
    return each.match, -each.teams, each.kind, split_numbers(each.label.casefold()), each.slug


def split_numbers(text: str) -> list[str | int]:
    """A key that orders numbers in a text by their value."""
    return [int(part) if part.isdecimal() else part for part in _DIGITS.split(text)]
