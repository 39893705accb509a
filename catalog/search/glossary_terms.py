"""The glossary terms and synonyms that the words of a search name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.change_versions import CATALOG_VERSION_SQL
from catalog.search.index.tokenizer import words
from catalog.search.terms import Terms
from catalog.search.word_queries import WORDS, word_parameters
from kernel.sql import prepared_cursor

RARE = 10_000
"""A word that at most so many documents contain is rare."""
MAX_TERMS = 5
MAX_KEY_WORDS = 4
"""Longest name or synonym that is recognized, without stop words."""

# Neighbouring words, up to `MAX_KEY_WORDS`, are looked up in the glossary.
_LOOKUP = f"""stemmed AS (
  SELECT given, (ts_lexize('english_stem', given))[1] AS stem, at
  FROM unnest(string_to_array(%(positive)s, ' ')) WITH ORDINALITY one(given, at)
), stems AS (
  SELECT stem, row_number() OVER (ORDER BY at) AS at FROM stemmed WHERE stem IS NOT NULL
), keys AS (
  SELECT (SELECT string_agg(stem, ' ' ORDER BY at) FROM stems WHERE at BETWEEN a.at AND z.at)
  FROM stems a JOIN stems z ON z.at BETWEEN a.at AND a.at + {MAX_KEY_WORDS - 1}
), lookup AS (
  SELECT {CATALOG_VERSION_SQL} AS marks, (SELECT min(documents) FROM word) AS rarest,
  (SELECT jsonb_agg(t ORDER BY name, domain)::text FROM (
    SELECT slug, name, definition, synonyms, keys, ARRAY(TABLE keys) AS found,
      (SELECT d.name FROM catalog_domain d WHERE d.id = domain_id) AS domain,
      ARRAY(SELECT coalesce(table_id, -product_id) FROM catalog_termlink WHERE term_id = t.id) AS links
    FROM catalog_term t WHERE keys && ARRAY(TABLE keys) AND state = 'approved' ORDER BY name, slug LIMIT {MAX_TERMS}
  ) t) AS terms
)"""  # noqa: S608
LOOKUP = " ".join(_LOOKUP.split())
"""Common tables beside `WORDS`; `lookup` has one row (marks, rarest, terms), which `read_lookup` reads."""
_LOOKUP_ALONE = f"WITH {WORDS}, {LOOKUP} SELECT rarest, terms FROM lookup"  # noqa: S608


@dataclass(frozen=True)
class MatchedTerm:
    """An approved glossary term in a search. `matched` are its names that the search contains, `others` those that it does not,
    both folded. `products` and `tables` are the ids of what is linked with it.
    """

    slug: str
    name: str
    definition: str
    matched: tuple[str, ...]
    others: tuple[str, ...]
    synonyms: tuple[str, ...]
    products: frozenset[int]
    tables: frozenset[int]
    domain: str = ""

    @property
    def label(self) -> str:
        """The name with its domain."""
        return f"{self.name} ({self.domain})" if self.domain else self.name


@dataclass(frozen=True)
class Lookup:
    """`is_rare`: a word that every match contains is known to be rare."""

    terms: tuple[MatchedTerm, ...] = ()
    is_rare: bool = False


def look_up(terms: Terms) -> Lookup:
    """One query, none without words."""
    if not terms.positive:
        return Lookup()
    with prepared_cursor() as cursor:
        cursor.execute(_LOOKUP_ALONE, word_parameters(terms))
        return read_lookup(terms, *cursor.fetchone())


def read_lookup(words: Terms, rarest: int | None, terms: str | None) -> Lookup:
    """`rarest` is how many documents contain the rarest finished word as of the last count, None where no word is known."""
    rows = json.loads(terms) if terms else []
    found = {key for row in rows for key in row["keys"] if key in row["found"]}
    longest = {
        key for key in found if not any(key != other and f" {key} " in f" {other} " for other in found)
    }
    matched = tuple(_matched_term(row, longest) for row in rows if longest.intersection(row["keys"]))
    is_rare = rarest is not None and rarest <= RARE and not matched and not words.has_or
    return Lookup(matched, is_rare)


def _matched_term(row: Mapping[str, Any], found: set[str]) -> MatchedTerm:
    matched: list[str] = []
    others: list[str] = []
    for text, key in zip([row["name"], *row["synonyms"]], row["keys"], strict=False):
        (matched if key in found else others).append(" ".join(word.text for word in words(text)))
    return MatchedTerm(
        slug=row["slug"],
        name=row["name"],
        definition=row["definition"],
        matched=tuple(matched),
        others=tuple(filter(None, others)),
        synonyms=tuple(row["synonyms"]),
        products=frozenset(-pk for pk in row["links"] if pk < 0),
        tables=frozenset(pk for pk in row["links"] if pk > 0),
        domain=row["domain"] or "",
    )
