"""The words of a search in PostgreSQL: how frequent they are, and which glossary terms and synonyms they name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.change_versions import CATALOG_VERSION_SQL
from catalog.prepared_statements import prepared_cursor
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import LAST_CHARACTER
from catalog.search.terms import Terms

RARE = 10_000
"""A word that at most so many documents contain is rare."""
MAX_TERMS = 5
MAX_KEY_WORDS = 4
"""Longest name or synonym that is recognized, without stop words."""

MAX_LONGER_WORDS = 40
LONGER_WORDS = f"""longer AS (SELECT word, documents FROM catalog_indexedword WHERE word ~>=~ %(prefix)s AND word ~<~ %(end)s
  LIMIT {MAX_LONGER_WORDS + 1})"""  # noqa: S608
"""Common table of the words that start with the last one, which may be unfinished."""
# Neighbouring words, up to `MAX_KEY_WORDS`, are looked up in the glossary. The last word finds what contains its stem or
# any word that starts with it. The frequency of a word that was not counted yet is unknown, and so is that of a number,
# which the vocabulary does not contain.
_LOOKUP = f"""{LONGER_WORDS}, stemmed AS (
  SELECT given, (ts_lexize('english_stem', given))[1] AS stem, at
  FROM unnest(string_to_array(%(words)s, ' ')) WITH ORDINALITY one(given, at)
), stems AS (
  SELECT stem, row_number() OVER (ORDER BY at) AS at FROM stemmed WHERE stem IS NOT NULL
), keys AS (
  SELECT (SELECT string_agg(stem, ' ' ORDER BY at) FROM stems WHERE at BETWEEN a.at AND z.at)
  FROM stems a JOIN stems z ON z.at BETWEEN a.at AND a.at + {MAX_KEY_WORDS - 1}
), lookup AS (
  SELECT {CATALOG_VERSION_SQL} AS marks, (SELECT min(CASE WHEN given = %(prefix)s THEN coalesce(most, 0) + more ELSE most END) FROM (
    SELECT given, (SELECT max(documents) FROM catalog_indexedword WHERE word IN (given, stem)) AS most
    FROM stemmed WHERE stem IS NOT NULL AND given !~ '^\\d+$') known, (
    SELECT CASE WHEN count(*) <= {MAX_LONGER_WORDS} AND every(documents > 0) IS NOT FALSE
      THEN coalesce(sum(documents), 0) END AS more FROM longer) others) AS rarest,
  (SELECT jsonb_agg(t ORDER BY name)::text FROM (
    SELECT slug, name, definition, synonyms, keys, ARRAY(TABLE keys) AS found,
      ARRAY(SELECT product_id FROM catalog_termlink WHERE term_id = t.id) AS products,
      ARRAY(SELECT table_id FROM catalog_termlink WHERE term_id = t.id) AS tables
    FROM catalog_term t WHERE keys && ARRAY(TABLE keys) ORDER BY name LIMIT {MAX_TERMS}
  ) t) AS terms
)"""  # noqa: S608
LOOKUP = " ".join(_LOOKUP.split())
"""Common tables; `lookup` has one row (marks, rarest, terms), which `read_lookup` reads."""
_LOOKUP_ALONE = f"WITH {LOOKUP} SELECT rarest, terms FROM lookup"  # noqa: S608


@dataclass(frozen=True)
class MatchedTerm:
    """A glossary term in a search. `matched` are its names that the search contains, `others` those that it does not,
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
        cursor.execute(_LOOKUP_ALONE, text_parameters(terms))
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
        products=frozenset(filter(None, row["products"])),
        tables=frozenset(filter(None, row["tables"])),
    )


# The last word may be unfinished. If it is a known word itself, the few words that start with it are searched: the index
# finds them together with the other words much sooner than it finds a prefix.
_PARSED = f"""parsed AS MATERIALIZED (
  SELECT q, {{sought}} AS sought FROM (
    SELECT *, CASE WHEN %(last)s = '' THEN whole ELSE whole || ({{head}} && to_tsquery('simple',
      CASE WHEN is_word THEN longer ELSE %(last)s END)) END AS q
    FROM (SELECT {{full}} AS whole, string_agg(quote_literal(word), ' | ') AS longer,
        count(*) <= {MAX_LONGER_WORDS} AND bool_or(word = %(prefix)s) AS is_word,
        bool_and(plainto_tsquery('english', word) = plainto_tsquery('english', %(prefix)s)) AS has_one_stem
      FROM longer) known) one
)"""  # noqa: S608
# Words of one stem are found by the stem; to look for the words too takes half as long again.
_SOUGHT = "CASE WHEN is_word AND has_one_stem THEN whole ELSE q END"
# The name of a term is found by all its words in any place, a synonym by its words side by side.
_REWRITTEN = "ts_rewrite({query}, plainto_tsquery('english', %({name})s), {replacement})"


def parsed_table(terms: Sequence[MatchedTerm]) -> str:
    """The common table `parsed`, beside `LONGER_WORDS`, with one row: `q` ranks matches; `sought` finds the same, sooner."""
    full, head = (f"websearch_to_tsquery('english', %({name})s)" for name in ("full", "head"))
    for at, term in enumerate(terms):
        others = "".join(
            f" || phraseto_tsquery('english', %(other_{at}_{number})s)" for number in range(len(term.others))
        )
        for number in range(len(term.matched)):
            name = f"matched_{at}_{number}"
            replacement = f"plainto_tsquery('english', %({name})s){others}"
            full = _REWRITTEN.format(query=full, name=name, replacement=replacement)
            head = _REWRITTEN.format(query=head, name=name, replacement=replacement)
    return _PARSED.format(full=full, head=head, sought="q" if terms else _SOUGHT)


def text_parameters(terms: Terms, matched: Sequence[MatchedTerm] = ()) -> dict[str, Any]:
    """For `LOOKUP`, `LONGER_WORDS` and `parsed_table`; `linked` are the documents linked with the terms."""
    parameters: dict[str, Any] = {
        "full": terms.full,
        "head": terms.head,
        "last": f"'{terms.last}':*" if terms.last else "",
        "words": " ".join(terms.positive),
        "prefix": terms.last,
        "end": f"{terms.last}{LAST_CHARACTER}",
        "linked": sorted({pk for term in matched for pk in (*(-pk for pk in term.products), *term.tables)}),
    }
    for at, term in enumerate(matched):
        parameters |= {f"matched_{at}_{number}": name for number, name in enumerate(term.matched)}
        parameters |= {f"other_{at}_{number}": name for number, name in enumerate(term.others)}
    return parameters
