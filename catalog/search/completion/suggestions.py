"""Suggestions of the search box: products and terms by name, words, and filters. Never what only hidden things contain."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from catalog.search.completion.prefix_cache import (
    MAX_LENGTH,
    Completion,
    cache_completions,
    cached_completions,
)
from catalog.search.completion.words import WORD_CANDIDATES, WordCandidate, choose_words, end_of
from catalog.search.filter_sql import escape_like, prefix_query
from catalog.search.filter_syntax import FACET_OF, NAMES, last_token, parse_text
from catalog.search.index.codes import Word
from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.index.tokenizer import words
from catalog.search.query import SearchQuery
from catalog.search.search import count_facets
from catalog.search.terms import parse_terms
from identity.people.models import Person
from kernel.sql import prepared_cursor

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
MAX_VALUES = 8
SHORTEST_NAME = 2
_OWNERS = f"""
SELECT o.name FROM identity_person o WHERE o.name ILIKE %(like)s
  AND EXISTS (SELECT FROM catalog_dataproduct p WHERE p.owner_id = o.id AND p.is_published
    AND p.audience = ANY((SELECT catalog_audience(%(person)s))::bigint[]))
ORDER BY lower(o.name) LIMIT {MAX_VALUES}"""  # noqa: S608
# A sample is enough: people who miss their column type another letter.
_COLUMNS = f"""
SELECT DISTINCT found.name FROM (
  SELECT col.name FROM catalog_document d
  JOIN catalog_column col ON col.table_id = d.id OR col.table_id IN (
    SELECT pt.table_id FROM catalog_producttable pt WHERE pt.product_id = -d.id)
  WHERE {VISIBLE_DOCUMENT} AND d.search @@ to_tsquery('simple', %(words)s) AND col.name ILIKE %(like)s
  LIMIT 200) AS found ORDER BY found.name LIMIT {MAX_VALUES}"""  # noqa: S608
Value = tuple[str, str, int]
"""Label, text of the filter, and number of documents, or 0 where that is not counted."""
_CANDIDATES = f"{NAME_CANDIDATES} UNION ALL ({WORD_CANDIDATES})"


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


@dataclass(frozen=True)
class _PartialWord:
    """The word `last` that is being typed, after the words of an open quote in `phrase` and those in `head` (websearch syntax).

    `start` is its place in the text, `before` are the words that are there already.
    """

    last: str
    start: int
    typed: str
    before: tuple[str, ...] = ()
    head: str = ""
    phrase: str = ""
    is_quoted: bool = False

    def parameters(self) -> dict[str, str | list[str]]:
        return {
            "last": self.last,
            "end": end_of(self.last),
            "before": list(self.before),
            "head": self.head,
            "phrase": self.phrase,
            "prefix": f"'{self.last}':*",
            "typed": self.typed,
            "begins": f"{escape_like(self.typed)}%",
            "starts_word": f"% {escape_like(self.typed)}%",
            "whole_text": f"% {escape_like(self.typed)} %",
            "whole_word": f"% {escape_like(self.last)} %",
        }


def suggest(text: str, *, person: Person) -> tuple[Suggestion, ...]:
    """Completions of the last word from what the person may find. At most two queries, one for a cached prefix."""
    token = last_token(text)
    if not token or text != text.rstrip():
        return ()
    before = text[: len(text) - len(token)]
    minus = "-" if token.startswith("-") else ""
    name, colon, value = token.removeprefix("-").partition(":")
    if colon and name.lower() in NAMES:
        values = _complete_value(name.lower(), value.strip('"'), before, person)
        return tuple(
            Suggestion("filter", label, f"{before}{minus}{name.lower()}:{_quoted(typed)}", "", count)
            for label, typed, count in values
        )
    filters = [Suggestion("filter", each, f"{before}{minus}{each}") for each in _complete_name(name)]
    return (*_names_and_words(text, token, person), *([] if colon else filters))


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def refresh_prefix_cache(*, all_prefixes: bool) -> int:
    """Computes invalidated prefixes again, or all. Returns how many differed."""
    return cache_completions(_complete_prefix, all_prefixes=all_prefixes)


def _names_and_words(text: str, token: str, person: Person) -> list[Suggestion]:
    word = _parse_partial(text, token)
    if word is None:
        return []
    is_prefix = len(text) <= MAX_LENGTH and word.last == text.lower()
    cached = cached_completions(word.last, person) if is_prefix else None
    return _suggestions(text, word, _completions(word, person.pk) if cached is None else cached)


def _parse_partial(text: str, token: str) -> _PartialWord | None:
    """None after an excluded word, a closed quote, or no word at all. `gold_clai` is completed from `clai` on."""
    if text.isalpha() and text.isascii():
        return _PartialWord(text.lower(), 0, text.lower())
    if token.casefold() == "or":
        start = len(text) - len(token)
        before = parse_terms(parse_text(text[:start]).words)
        return _PartialWord("or", start, text.casefold(), before.positive, before.full)
    if token.startswith('"'):
        return _parse_quoted(text, token)
    return _parse_plain(text)


def _parse_quoted(text: str, token: str) -> _PartialWord | None:
    found = list(words(token))
    if not found or token.count('"') > 1:
        return None
    start = len(text) - len(token)
    before = parse_terms(parse_text(text[:start]).words)
    *earlier, last = [word.text for word in found]
    phrase = " ".join(earlier)
    return _PartialWord(
        last,
        start + found[-1].start,
        token[1:].casefold(),
        (*before.positive, *earlier),
        f"{before.full} {phrase}".strip(),
        phrase,
        is_quoted=True,
    )


def _parse_plain(text: str) -> _PartialWord | None:
    plain = parse_text(text).words
    terms = parse_terms(plain)
    if not terms.last:
        return None
    typed = " ".join(plain.casefold().replace('"', " ").split())
    before = tuple(word for word in terms.positive if word != terms.last)
    # Where the last word begins, which may be several in the text: `landsat8`.
    parts = list(words(text))
    while len(parts) > 1 and len(parts[-1].text) < len(terms.last):
        end = parts.pop()
        parts[-1] = Word(parts[-1].text + end.text, parts[-1].start, end.end)
    return _PartialWord(terms.last, parts[-1].start, typed, before, terms.head)


def _complete_prefix(prefix: str) -> list[Completion]:
    return _completions(_PartialWord(prefix, 0, prefix), None)


def _completions(word: _PartialWord, person: int | None) -> list[Completion]:
    """Products and terms with such names, then words, for the person with this id; with None what everyone inside may see.
    At most two queries.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_CANDIDATES, {**word.parameters(), "person": person})
        rows = cursor.fetchall()
    ordered = sorted((NameCandidate(*row[:5]) for row in rows if row[0] != "word"), key=_order)
    products = [each for each in ordered if each.kind == "product"][:MAX_PRODUCTS]
    terms = [each for each in ordered if each.kind == "term"][:MAX_TERMS]
    names = sorted([*products, *terms], key=_order)
    candidates = [WordCandidate(stem, forms) for kind, _, stem, _, _, forms in rows if kind == "word"]
    completed = choose_words(candidates, word.head, word.phrase, person)
    return [
        *((each.kind, each.label, each.slug) for each in names),
        *(("word", each, "") for each in completed),
    ]


def _suggestions(text: str, word: _PartialWord, completions: Iterable[Completion]) -> list[Suggestion]:
    before, end = text[: word.start], '"' if word.is_quoted else ""
    return [
        Suggestion(kind, label, f"{before}{label}{end}" if kind == "word" else label, slug)
        for kind, label, slug in completions
    ]


def _complete_name(prefix: str) -> list[str]:
    if len(prefix) < SHORTEST_NAME:
        return []
    return [f"{name}:" for name in NAMES if name.startswith(prefix.lower())]


def _complete_value(name: str, part: str, text_before: str, person: Person) -> list[Value]:
    """Values of the filter `name` that contain `part`, among what `text_before` finds."""
    if name == "owner":
        return _fetch(_OWNERS, part, person)
    if name == "column":
        return _fetch(_COLUMNS, part, person) if prefix_query(part) else []
    return _facet_values(name, part.casefold(), text_before, person)


def _fetch(statement: str, part: str, person: Person) -> list[Value]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"like": f"%{escape_like(part)}%", "words": prefix_query(part), "person": person.pk}
        )
        return [(value, value, 0) for (value,) in cursor.fetchall()]


def _facet_values(name: str, part: str, text_before: str, person: Person) -> list[Value]:
    facets = count_facets(SearchQuery.from_parameters({"q": [text_before]}), person=person)
    values = next((facet.values for facet in facets if facet.name == FACET_OF.get(name)), ())
    if name == "has":
        return [(each.label, "access", each.count) for each in values if each.value == "have"]
    found = [each for each in values if part in each.value.casefold() or part in each.label.casefold()]
    return [(each.label, each.value, each.count) for each in found[:MAX_VALUES]]


class NameCandidate(NamedTuple):
    """`match` is less for a better one."""

    kind: str
    label: str
    slug: str
    match: int
    teams: int


def _order(each: NameCandidate) -> tuple[int, int, str, list[str | int], str]:
    return (
        each.match,
        -each.teams,
        each.kind,
        [int(part) if part.isdecimal() else part for part in _DIGITS.split(each.label.casefold())],
        each.slug,
    )
