"""The text of a search as queries of PostgreSQL: what matches it, and how much each of its words weighs.

A search finds what contains all of its words. Where that is little it is widened: by what contains a word that begins with
the last one, and then by what contains some of the words.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from catalog.search import word_queries
from catalog.search.glossary_terms import MatchedTerm
from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.index.stop_words import STOP_WORDS
from catalog.search.terms import Terms, tsquery_text

FEW = 20
"""Documents; a search that finds fewer is widened, by the second step only if the first still finds fewer."""
MAX_WIDENED = 2_000
"""A widened search looks for the rarest words: as many as about so many documents contain, or the rarest one alone."""
ALL_WORDS, PREFIX, SOME_WORDS = 0, 1, 2
"""Levels of a widened search, in this order. What the text names exactly stands before, by its place in `exact`."""
_FIRST_EXACT, _FIRST_EXACT_ALONE, NOT_EXACT = -100, -200, -1
"""Levels of what is named exactly in a widened search and in one that is not, and of the others of the latter."""

# Words that no document contains cost nothing; right after very many documents were written, none is counted yet.
_SOME = f"""(SELECT string_agg('(' || q::text || ')', ' | ')::tsquery FROM (
  SELECT q, sum(documents) OVER rare AS together, sum(documents) OVER (rare ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM word WHERE at <= %(count)s WINDOW rare AS (ORDER BY documents, at)) AS known
  WHERE together <= {MAX_WIDENED} OR coalesce(before, 0) = 0)"""  # noqa: S608
# The name of a term is found by all its words in any place, a synonym by its words side by side.
_REWRITTEN = "ts_rewrite({query}, plainto_tsquery('english', %({name})s), {replacement})"
_ALL = "parsed AS MATERIALIZED (SELECT {full} AS sought)"
# One word is some of the words as it is all of them.
_WIDENED = f"""queries AS MATERIALIZED (
  SELECT *, CASE WHEN %(last)s = '' THEN whole ELSE whole || ({{head}} && prefix) END AS prefixed
  FROM (SELECT {{full}} AS whole, to_tsquery('simple', %(last)s) AS prefix,
    to_tsquery('english', %(excluded)s) AS excluded) AS given
), with_all_words AS MATERIALIZED (
  SELECT d.id FROM catalog_document d CROSS JOIN queries WHERE {VISIBLE_DOCUMENT} AND d.search @@ whole
), with_prefix AS MATERIALIZED (
  SELECT d.id FROM catalog_document d CROSS JOIN queries WHERE {VISIBLE_DOCUMENT} AND d.search @@ prefixed
), parsed AS MATERIALIZED (
  SELECT prefix, CASE WHEN %(count)s = 1 OR (SELECT count(*) FROM (SELECT FROM with_prefix LIMIT {FEW}) AS first) >= {FEW}
    THEN prefixed ELSE coalesce(prefixed || ({_SOME} && excluded), prefixed) END AS sought FROM queries
)"""  # noqa: S608
_EXACT_PLACE = "array_position(%(exact)s::bigint[], d.id)"
EXACT_LEVEL = f"coalesce({_FIRST_EXACT_ALONE} + {_EXACT_PLACE}, {NOT_EXACT})"
WIDENED_LEVEL = f"""CASE WHEN d.id = ANY(%(exact)s) THEN {_FIRST_EXACT} + {_EXACT_PLACE}
  WHEN d.id IN (SELECT id FROM with_all_words) OR %(names_terms)s AND d.id = ANY(%(linked)s) THEN {ALL_WORDS}
  WHEN %(count)s = 1 OR d.id IN (SELECT id FROM with_prefix) THEN {PREFIX} ELSE {SOME_WORDS} END"""  # noqa: S608
"""Levels of a document `d` that a search finds."""
MISSING = f"""CASE WHEN match_level = {SOME_WORDS} THEN ARRAY(
  SELECT word.at FROM word WHERE word.at <= %(count)s AND NOT search @@ word.q ORDER BY word.at) ELSE '{{}}' END"""  # noqa: S608
"""Places of the words that a row `search`, `match_level` of a widened search does not contain."""


def is_level_of_widened(level: int) -> bool:
    return level >= _FIRST_EXACT and level != NOT_EXACT


def parsed_tables(terms: Sequence[MatchedTerm], *, has_or: bool, is_widened: bool) -> str:
    """Common tables beside `WORDS`; `parsed` has one row: `sought` finds what the search does."""
    full, head = (f"websearch_to_tsquery('english', %({name})s)" for name in ("full", "head"))
    for name, replacement in _replacements(terms):
        full = _REWRITTEN.format(query=full, name=name, replacement=replacement)
        head = _REWRITTEN.format(query=head, name=name, replacement=replacement)
    if not has_or:
        spelled = f"({word_queries.QUERY_OF_ALL} && to_tsquery('english', %(excluded)s))"
        full = f"({full} || {spelled})" if terms else spelled
    return (_WIDENED if is_widened else _ALL).format(full=full, head=head)


def _replacements(terms: Sequence[MatchedTerm]) -> Iterator[tuple[str, str]]:
    for at, term in enumerate(terms):
        others = "".join(
            f" || phraseto_tsquery('english', %(other_{at}_{number})s)" for number in range(len(term.others))
        )
        for number in range(len(term.matched)):
            name = f"matched_{at}_{number}"
            yield name, f"plainto_tsquery('english', %({name})s){others}"


def text_parameters(terms: Terms, matched: Sequence[MatchedTerm] = ()) -> dict[str, Any]:
    """For `WORDS` and `parsed_tables`; `linked` are the documents linked with the terms, which have all words if the search has
    no others.
    """
    synonyms = [(tuple(other.split()),) for term in matched for other in term.others]
    excluded = [f"!({tsquery_text([each])})" for each in terms.excluded]
    # After other words a stop word is meant as one.
    last = "" if terms.last in STOP_WORDS and len(terms.positive) > 1 else terms.last
    parameters: dict[str, Any] = {
        **word_queries.word_parameters(terms, synonyms),
        "full": terms.full,
        "head": terms.head,
        "excluded": " & ".join(excluded),
        "last": f"'{last}':*" if last else "",
        "last_place": len(terms.words) if last else 0,
        "names_terms": _names_terms(terms, matched),
        "linked": sorted({pk for term in matched for pk in (*(-pk for pk in term.products), *term.tables)}),
    }
    for at, term in enumerate(matched):
        parameters |= {f"matched_{at}_{number}": name for number, name in enumerate(term.matched)}
        parameters |= {f"other_{at}_{number}": name for number, name in enumerate(term.others)}
    return parameters


def _names_terms(terms: Terms, matched: Sequence[MatchedTerm]) -> bool:
    """Whether the search has no words beside those of glossary terms."""
    named = sum(len(name.split()) for term in matched for name in term.matched)
    return named >= sum(word not in STOP_WORDS for word in terms.positive)
