"""Suggestions while somebody types: names, words and filters."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction

from catalog.search.facets import escape_like, prefix_query
from catalog.search.index.codes import Word
from catalog.search.index.models import VISIBLE_DOCUMENT, VISIBLE_INSIDE
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import IS_VISIBLE, LAST_CHARACTER, SAMPLE
from catalog.search.query import FACET_OF, NAMES, SearchQuery, get_last_token, parse_text
from catalog.search.search import count_facets
from catalog.search.terms import parse_terms
from identity.people.models import Person
from kernel.sql import prepared_cursor

MAX_WORDS = 6
MAX_CANDIDATES = 40
MAX_COMPARED = 16
"""Documents in which the forms of a stem are compared."""
MAX_EXACT = 200
"""Documents of a stem above which one form is chosen by the counts."""

_STEM = "coalesce((ts_lexize('english_stem', {word}))[1], {word})"
# Together with the words before it, so that each suggestion finds something.
_QUERY = """websearch_to_tsquery('english', %(head)s) && to_tsquery('simple', {query}) && CASE
  WHEN %(phrase)s::text = '' THEN ''::tsquery ELSE phraseto_tsquery('english', %(phrase)s || ' ' || {word}) END"""
# How frequent several words are together is unknown.
_DOCUMENTS = "CASE WHEN %(head)s::text = '' AND %(phrase)s::text = '' THEN known.documents ELSE 0 END"
# A document contains the stem of each of its words, so the count of a stem includes its other forms.
_FORMS = f"""CASE WHEN documents <= {MAX_EXACT} OR cardinality(words) = 1 THEN words
  WHEN others + most_of_others <= documents THEN ARRAY[stem] ELSE (array_remove(words, stem))[1:1] END"""
WORD_CANDIDATES = f"""
SELECT 'word', known.forms[1], known.stem, 0, known.documents, known.forms FROM (
  SELECT stem, documents, words[1] AS first, {_FORMS} AS forms FROM (
    SELECT stem, max(documents) AS documents, array_agg(word ORDER BY documents DESC, word) AS words,
      sum(documents) FILTER (WHERE word <> stem) AS others, max(documents) FILTER (WHERE word <> stem) AS most_of_others
  FROM (SELECT word, documents, {_STEM.format(word="word")} AS stem FROM (
    SELECT word, documents FROM catalog_indexedword WHERE word ~>=~ %(last)s AND word ~<~ %(end)s AND word <> %(last)s
    ORDER BY documents DESC, word LIMIT {MAX_CANDIDATES}) AS likeliest OFFSET 0) AS candidate
  WHERE stem <> ALL(ARRAY(SELECT {_STEM.format(word="word")} FROM unnest(%(before)s::text[]) AS word))
    GROUP BY stem) AS stem ORDER BY documents DESC, first LIMIT {MAX_CANDIDATES}) AS known
CROSS JOIN LATERAL (SELECT CASE WHEN cardinality(forms) > 1 AND stem = ANY(forms) THEN quote_literal(stem)
  ELSE '''' || array_to_string(forms, ''' | ''') || '''' END AS query) AS any_form
CROSS JOIN LATERAL (SELECT {_QUERY.format(query="any_form.query", word="known.forms[1]")} AS q OFFSET 0) AS parsed
WHERE {IS_VISIBLE.format(documents=_DOCUMENTS, q="parsed.q")}
ORDER BY known.documents DESC, known.first LIMIT {MAX_WORDS}"""  # noqa: S608

# Of equally frequent forms the one that is in more names.
_MOST_FREQUENT_FORMS = f"""
SELECT DISTINCT ON (stem.stem) stem.stem, form.word
FROM unnest(%(stems)s::text[], %(queries)s::text[], %(words)s::text[]) AS stem(stem, query, word)
CROSS JOIN LATERAL (SELECT {_QUERY.format(query="stem.query", word="stem.word")} AS q OFFSET 0) AS parsed
CROSS JOIN LATERAL (SELECT (ARRAY(SELECT d.id FROM catalog_document d
  WHERE {VISIBLE_DOCUMENT} AND d.search @@ parsed.q))[1:{MAX_COMPARED}] AS ids OFFSET 0) AS compared
JOIN unnest(%(form_stems)s::text[], %(forms)s::text[], %(form_queries)s::text[])
  WITH ORDINALITY AS form(stem, word, query, place) ON form.stem = stem.stem
CROSS JOIN LATERAL (SELECT to_tsquery('simple', form.query) AS q OFFSET 0) AS parsed_form
JOIN catalog_document d ON d.id = ANY(compared.ids) AND ts_match_vq(d.search, parsed_form.q)
GROUP BY stem.stem, form.word
ORDER BY stem.stem, count(*) DESC, count(*) FILTER (WHERE ts_match_vq(d.names, parsed_form.q)) DESC, min(form.place)"""  # noqa: S608


class WordCandidate(NamedTuple):
    """`forms` of one stem, the most frequent first; something visible contains one of them."""

    stem: str
    forms: Sequence[str]

    @property
    def query(self) -> str:
        """A query for what contains any of the forms."""
        return " | ".join(f"'{form}'" for form in ([self.stem] if self.stem in self.forms else self.forms))

    def build_form_query(self, form: str) -> str:
        """The stem is a word of its own where no other form is at the same position."""
        if form != self.stem:
            return f"'{form}'"
        others = [each for each in (*self.forms, f"{form[:-1]}y") if each != form]
        return " <0> !".join(f"'{each}'" for each in (form, *others))


def choose_words(
    candidates: Iterable[WordCandidate], head: str, phrase: str, person: int | None
) -> list[str]:
    """A form of each candidate that a visible document contains. One query if one of them has several."""
    ordered = list(candidates)
    many = [each for each in ordered if len(each.forms) > 1]
    chosen = {each.stem: each.forms[0] for each in ordered if len(each.forms) == 1}
    if many:
        forms = [(each.stem, form, each.build_form_query(form)) for each in many for form in each.forms]
        parameters: dict[str, str | list[str] | int | None] = {
            "person": person,
            "head": head,
            "phrase": phrase,
            "stems": [each.stem for each in many],
            "queries": [each.query for each in many],
            "words": [each.forms[0] for each in many],
            "form_stems": [stem for stem, _, _ in forms],
            "forms": [form for _, form, _ in forms],
            "form_queries": [query for _, _, query in forms],
        }
        with prepared_cursor() as cursor:
            cursor.execute(_MOST_FREQUENT_FORMS, parameters)
            chosen |= dict(cursor.fetchall())
    return [chosen[each.stem] for each in ordered if each.stem in chosen]


def end_of(prefix: str) -> str:
    """Sorted after every word that starts so."""
    return f"{prefix}{LAST_CHARACTER}"


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


def get_cached_completions(prefix: str, person: Person) -> list[Completion] | None:
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


MAX_PRODUCTS = 4
MAX_TERMS = 2
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
    token = get_last_token(text)
    if not token or text != text.rstrip():
        return ()
    before = text[: len(text) - len(token)]
    minus = "-" if token.startswith("-") else ""
    name, colon, value = token.removeprefix("-").partition(":")
    if colon and name.lower() in NAMES:
        values = _complete_value(name.lower(), value.strip('"'), before, person)
        return tuple(
            Suggestion("filter", label, f"{before}{minus}{name.lower()}:{_quote_name(typed)}", "", count)
            for label, typed, count in values
        )
    filters = [Suggestion("filter", each, f"{before}{minus}{each}") for each in _complete_name(name)]
    return (*_complete_names_and_words(text, token, person), *([] if colon else filters))


def _quote_name(value: str) -> str:
    return f'"{value}"' if " " in value else value


def refresh_prefix_cache(*, all_prefixes: bool) -> int:
    """Computes invalidated prefixes again, or all. Returns how many differed."""
    return cache_completions(_complete_prefix, all_prefixes=all_prefixes)


def _complete_names_and_words(text: str, token: str, person: Person) -> list[Suggestion]:
    word = _parse_partial(text, token)
    if word is None:
        return []
    is_prefix = len(text) <= MAX_LENGTH and word.last == text.lower()
    cached = get_cached_completions(word.last, person) if is_prefix else None
    return _build_suggestions(text, word, _read_completions(word, person.pk) if cached is None else cached)


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
    return _read_completions(_PartialWord(prefix, 0, prefix), None)


def _read_completions(word: _PartialWord, person: int | None) -> list[Completion]:
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
        *((name.kind, name.label, name.slug) for name in names),
        *(("word", each, "") for each in completed),
    ]


def _build_suggestions(text: str, word: _PartialWord, completions: Iterable[Completion]) -> list[Suggestion]:
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
    return _complete_facet_values(name, part.casefold(), text_before, person)


def _fetch(statement: str, part: str, person: Person) -> list[Value]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"like": f"%{escape_like(part)}%", "words": prefix_query(part), "person": person.pk}
        )
        return [(value, value, 0) for (value,) in cursor.fetchall()]


def _complete_facet_values(name: str, part: str, text_before: str, person: Person) -> list[Value]:
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
