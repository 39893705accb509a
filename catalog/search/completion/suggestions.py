"""Suggestions of the search box: products and terms by name, words, and filters. Never what only hidden things contain."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.prepared_statements import prepared_cursor
from catalog.search.completion.filters import complete_name, complete_value
from catalog.search.completion.prefix_cache import (
    MAX_LENGTH,
    Completion,
    cache_completions,
    cached_completions,
)
from catalog.search.filter_sql import escape_like
from catalog.search.filter_syntax import NAMES, parse_text
from catalog.search.index.models import EVERYONE
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import IS_VISIBLE, LAST_CHARACTER
from catalog.search.terms import Terms, parse_terms
from identity.people.models import Person

MAX_WORDS = 6
MAX_PRODUCTS = 4
MAX_TERMS = 2
MAX_CANDIDATES = 40

# Together with the words before it, so that each suggestion finds something.
_QUERY = "(websearch_to_tsquery('english', %(head)s) && to_tsquery('simple', {last}))"

# How frequent several words are together is unknown.
_DOCUMENTS = "CASE WHEN %(head)s::text = '' THEN known.documents ELSE 0 END"

_WORDS = f"""
SELECT known.word FROM (
  SELECT word, documents FROM catalog_indexedword WHERE word ~>=~ %(last)s AND word ~<~ %(end)s
  ORDER BY documents DESC, word LIMIT {MAX_CANDIDATES}) AS known
CROSS JOIN LATERAL (SELECT {_QUERY.format(last="quote_literal(known.word)")} AS q) AS parsed
WHERE {IS_VISIBLE.format(documents=_DOCUMENTS, q="parsed.q")}
ORDER BY known.documents DESC, known.word LIMIT {MAX_WORDS}"""  # noqa: S608

# Terms by the start of their name or a synonym: everybody reads the glossary.
_NAMES = f"""
(SELECT 'product', p.name, p.slug FROM catalog_document d JOIN catalog_dataproduct p ON p.id = -d.id
WHERE d.id < 0 AND d.visibility = {EVERYONE} AND d.names @@ to_tsquery('simple', %(prefix)s)
  AND d.search @@ {_QUERY.format(last="%(prefix)s")}
ORDER BY lower(p.name), p.id LIMIT {MAX_PRODUCTS})
UNION ALL
(SELECT 'term', t.name, t.slug FROM catalog_term t
WHERE EXISTS (SELECT FROM unnest(array_prepend(t.name::text, t.synonyms::text[])) AS name WHERE lower(name) LIKE %(like)s)
ORDER BY lower(t.name), t.id LIMIT {MAX_TERMS})"""  # noqa: S608


@dataclass(frozen=True)
class Suggestion:
    """`kind` is product, term, word or filter. `text` is the new text of the box; products and terms have a `slug` and
    are opened. `count` is how many documents a filter leaves, or 0 where that is not counted.
    """

    kind: str
    label: str
    text: str
    slug: str = ""
    count: int = 0


def suggest(text: str, *, person: Person) -> tuple[Suggestion, ...]:
    """Completions of the last word from what the person may find. At most two queries, one for a cached prefix."""
    if not text or text != text.rstrip():
        return ()
    token = text.rsplit(maxsplit=1)[-1]
    before = text[: len(text) - len(token)]
    minus = "-" if token.startswith("-") else ""
    name, colon, value = token.removeprefix("-").partition(":")
    if colon and name.lower() in NAMES:
        values = complete_value(name.lower(), value.strip('"'), before, person)
        return tuple(
            Suggestion("filter", label, f"{before}{minus}{name.lower()}:{_quoted(typed)}", "", count)
            for label, typed, count in values
        )
    filters = [Suggestion("filter", each, f"{before}{minus}{each}") for each in complete_name(name)]
    return (*_names_and_words(text), *([] if colon else filters))


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def refresh_prefix_cache(*, all_prefixes: bool) -> int:
    """Computes invalidated prefixes again, or all. Returns how many differed."""
    return cache_completions(_completions, all_prefixes=all_prefixes)


def _names_and_words(text: str) -> list[Suggestion]:
    terms = parse_terms(parse_text(text).words)
    if not terms.last:
        return []
    is_prefix = len(text) <= MAX_LENGTH and terms.last == text.lower()
    cached = cached_completions(text.lower()) if is_prefix else None
    return _suggestions(text, terms, _completions(text) if cached is None else cached)


def _completions(text: str) -> list[Completion]:
    """Products and terms with such names, then words. Two queries."""
    plain = parse_text(text).words
    terms = parse_terms(plain)
    parameters = {
        "head": terms.head,
        "last": terms.last,
        "end": f"{terms.last}{LAST_CHARACTER}",
        "prefix": f"'{terms.last}':*",
        "like": f"{escape_like(plain.casefold())}%",
    }
    with prepared_cursor() as cursor:
        cursor.execute(_NAMES, parameters)
        named: list[Completion] = list(cursor.fetchall())
        cursor.execute(_WORDS, parameters)
        return [*named, *(("word", word, "") for (word,) in cursor.fetchall())]


def _suggestions(text: str, terms: Terms, completions: Iterable[Completion]) -> list[Suggestion]:
    """A word that is already complete is left out. `gold_clai` is completed from `clai` on."""
    before = text[: list(words(text))[-1].start]
    return [
        Suggestion(kind, label, f"{before}{label}" if kind == "word" else label, slug)
        for kind, label, slug in completions
        if kind != "word" or label != terms.last
    ]
