"""Spelling correction: replaces words that nothing visible contains by the nearest word that something does.

Of equally near words the more frequent one is taken. A missing letter or two swapped letters can occur at as many places as a
word has letters, a wrong or extra letter in 25 times as many ways; frequencies are weighted so.

Whether a word is known depends on what the person may see: a word of hidden things is as unknown as any other.

A search that finds a few hits keeps them. A correction of it is suggested if far more documents contain the other spelling
and it finds more with the other words of the search (`catalog.search.spelling` tells which words are meant as they are).
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from string import ascii_lowercase

from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import (
    DOCUMENTS_WITH,
    IS_VISIBLE,
    LAST_CHARACTER,
    STEM_OF,
    STOP_WORDS,
    TRIGRAMS,
    VISIBLE,
)
from catalog.search.query import SearchQuery, find_word_spans
from catalog.search.results import Hit, SearchResult
from catalog.search.terms import Terms
from catalog.search.text_queries import WORDS, build_text_parameters, find_exact
from identity.people.models import Person
from kernel.sql import prepared_cursor

_ACRONYM = re.compile(r"\b[A-Z][A-Z\d]{1,5}\b")
_LANGUAGES = ["english", "danish", "dutch", "french", "german", "italian", "portuguese", "spanish", "swedish"]
_FEWEST_STOP_WORDS = 2
# The dictionary of a language turns its stop words into nothing.
_STOP_WORDS = """SELECT language, count(*) FROM unnest(%s::text[]) AS language CROSS JOIN unnest(%s::text[]) AS word
WHERE ts_lexize((language || '_stem')::regdictionary, word) = '{}' GROUP BY language"""

# The last word may be unfinished.
_UNKNOWN_WORDS = f"""WITH {WORDS} SELECT at FROM word WHERE (%(external)s OR documents = 0) AND (SELECT count(*) = 0 FROM ({VISIBLE} AND d.search @@
  CASE WHEN at = %(last_place)s THEN to_tsquery('simple', %(last)s) ELSE word.q END) AS one)
ORDER BY at"""  # noqa: S608


def find_unknown_words(query: SearchQuery, person: Person) -> tuple[str, ...]:
    """Words that nothing visible contains, whatever the filters of the search. One query, none without words."""
    if not query.terms.words:
        return ()
    with prepared_cursor() as cursor:
        cursor.execute(
            _UNKNOWN_WORDS,
            {**build_text_parameters(query.terms), "person": person.pk, "external": person.is_external},
        )
        return tuple(" ".join(query.terms.words[at - 1][0]) for (at,) in cursor.fetchall())


def find_known_words(found: SearchResult, suspected: Collection[str]) -> set[str]:
    """The `suspected` words in the name or a keyword of a product, acronyms, and words of texts in another language."""
    texts = [text for hit in found.hits for text in _texts(hit)]
    names = [hit.name for hit in found.hits if hit.kind == "product"]
    names += [reason.text for hit in found.hits for reason in hit.reasons if reason.field == "keyword"]
    acronyms = [each for text in (found.query.text, *texts) for each in _ACRONYM.findall(text)]
    known = {word.text for text in (*names, *acronyms) for word in words(text)}
    return {word for word in suspected if word in known or _is_foreign(word, texts)}


def _texts(hit: Hit) -> Iterator[str]:
    yield from (hit.name, hit.summary)
    yield from (reason.text for reason in hit.reasons)


def _is_foreign(word: str, texts: Collection[str]) -> bool:
    """Whether texts with the word have more stop words of another language than of English."""
    folded = [{one.text for one in words(text)} for text in texts]
    around = set().union(*(each for each in folded if word in each))
    with prepared_cursor() as cursor:
        cursor.execute(_STOP_WORDS, [_LANGUAGES, sorted(around)])
        counts: dict[str, int] = dict(cursor.fetchall())
    english, most = counts.get("english", 0), max(counts.values(), default=0)
    return most > english and most >= _FEWEST_STOP_WORDS


MAX_HITS = 20
"""Hits of a search whose words are checked."""
MAX_NEIGHBORS = 30
MAX_DOCUMENTS = 20
"""A word that more documents contain is meant as it is, where nothing contains all words."""
SHORTEST, SHORTEST_FOUND = 3, 5
"""Letters of a word that is corrected: one that nothing contains, and one that is found."""
LONG = 6
"""Letters of a word in which two errors are corrected."""
SLIP = 25
"""How many times more likely a missing or swapped letter is than another error."""
MORE_FREQUENT = 5
"""In how many times more documents a neighbor of a known word must be, if nothing is found."""
FAR_MORE_FREQUENT, FAR_MORE_FREQUENT_SLIP = 100, 10
"""In how many times more documents a neighbor of a found word must be; the second for a missing or swapped letter."""
FREQUENT_BESIDE_STRAY = 3
"""The same for a missing or swapped letter, where only one document has the word."""
_ADDRESS = re.compile(r"arn:|\w+://", re.IGNORECASE)
_NEIGHBORS = f"""
WITH given AS MATERIALIZED (
  SELECT one.word, {TRIGRAMS.format(word="one.word")} AS trigrams,
    (to_tsquery('english', quote_literal(one.word)) || to_tsquery('simple', quote_literal(one.word)
      || CASE WHEN one.word = %(last)s THEN ':*' ELSE '' END)) AS q
  FROM unnest(%(words)s::text[]) AS one(word) WHERE (%(external)s OR {DOCUMENTS_WITH.format(lexeme=STEM_OF.format(word="one.word"))} <= {MAX_DOCUMENTS})
), checked AS MATERIALIZED (SELECT *, (SELECT count(*) > 0 FROM ({VISIBLE} AND d.search @@ given.q) AS one) AS is_found FROM given)
SELECT checked.word, checked.is_found, coalesce(itself.documents, 0), near.word, near.documents
FROM checked LEFT JOIN catalog_indexedword itself ON itself.word = checked.word
CROSS JOIN LATERAL (
  SELECT known.word, known.documents FROM catalog_indexedword known WHERE known.word = ANY(%(near)s::text[])
  UNION (SELECT known.word, known.documents FROM catalog_indexedword known
  WHERE known.trigrams && checked.trigrams
    AND length(known.word) BETWEEN length(checked.word) - 2 AND length(checked.word) + 2
  ORDER BY cardinality(ARRAY(SELECT unnest(known.trigrams) INTERSECT SELECT unnest(checked.trigrams))) DESC,
    known.documents DESC, known.word
  LIMIT {MAX_NEIGHBORS})) AS near WHERE near.word <> checked.word"""  # noqa: S608

_VISIBLE_WORDS = f"""
SELECT known.word FROM catalog_indexedword known CROSS JOIN LATERAL to_tsquery('simple', quote_literal(known.word)) AS q
WHERE known.word = ANY(%(words)s::text[]) AND {IS_VISIBLE.format(documents="known.documents", q="q")}"""  # noqa: S608


_FREQUENT = """
SELECT word, documents FROM catalog_indexedword WHERE word = ANY(%(words)s::text[]) AND documents >= %(least)s"""
# Of its stem and, if it may be unfinished, of longer words.
_DOCUMENTS = """
SELECT given.word, greatest(0, (SELECT max(documents) FROM catalog_indexedword known
    WHERE known.word IN (given.word, (ts_lexize('english_stem', given.word))[1])), (
  SELECT max(documents) FROM catalog_indexedword longer
    WHERE given.word = %(last)s AND longer.word ~>=~ %(last)s AND longer.word ~<~ %(end)s))
FROM unnest(%(words)s::text[]) AS given(word)"""


@dataclass(frozen=True)
class _Neighbor:
    """A known word near a `word` of the search, which `is_found` in something visible."""

    word: str
    is_found: bool
    documents: int
    near: str
    near_documents: int
    distance: int

    @property
    def is_slip(self) -> bool:
        """Whether letters are only missing or swapped."""
        return not Counter(self.word) - Counter(self.near)

    @property
    def likelihood(self) -> int:
        return (self.near_documents + 1) * (SLIP if self.is_slip else 1)

    @property
    def is_likelier(self) -> bool:
        is_frequent = self.near_documents >= MORE_FREQUENT * (self.documents + 1)
        return self.is_found and self.distance == 1 and is_frequent and len(self.word) >= SHORTEST_FOUND

    def is_far_likelier(self, more_frequent_slip: int) -> bool:
        is_swapped = sorted(self.word) == sorted(self.near)
        is_likely_slip = is_swapped or (self.is_slip and self.word[0] == self.near[0])
        more = more_frequent_slip if is_likely_slip else FAR_MORE_FREQUENT
        return self.near_documents >= more * self.documents


def correct_spelling(
    found: SearchResult, search: Callable[[SearchQuery], SearchResult], person: Person
) -> SearchResult:
    """`found` with a suggestion if it has some hits, behind its only one what `search` finds for the suggestion; if it has
    none, what `search` finds for a corrected text.

    One query with up to `MAX_HITS` hits; with a suggestion five, and a search.
    """
    query = found.query
    if found.total > MAX_HITS or not query.typed.words or _ADDRESS.match(query.typed.words):
        return found
    if found.total:
        return _suggest(found, search, person)
    neighbors = _find_neighbors(query.terms, person)
    # A filter may exclude all that contains a known word: then rare words with a far more frequent neighbor are replaced too.
    unknown = [neighbor for neighbor in neighbors if not neighbor.is_found]
    tried = ""
    for replaced in (unknown, [*unknown, *(neighbor for neighbor in neighbors if neighbor.is_likelier)]):
        text = _build_corrected(query.text, replaced, person)
        if text != tried:
            instead, tried = search(replace(query, text=text)), text
            if instead.total:
                return replace(instead, corrected=text)
    return found


def _suggest(
    found: SearchResult, search: Callable[[SearchQuery], SearchResult], person: Person
) -> SearchResult:
    query = found.query
    neighbors = _find_frequent_neighbors(query.terms, found.total)
    if not neighbors or find_exact(query.typed.words, person):
        return found
    known_words = find_known_words(found, {neighbor.word for neighbor in neighbors})
    text = _build_corrected(
        query.text, (neighbor for neighbor in neighbors if neighbor.word not in known_words), person
    )
    instead = search(replace(query, text=text)) if text else found
    if instead.total <= found.total:
        return found
    if found.total > 1:
        return replace(found, did_you_mean=text)
    stray = tuple(hit for hit in found.hits if not hit.missing)[:1]
    others = tuple(
        hit for hit in instead.hits if (hit.kind, hit.pk) not in {(one.kind, one.pk) for one in stray}
    )
    return replace(instead, hits=(*stray, *others), corrected=text, did_you_mean=text, is_stray_kept=True)


def compute_edit_distance(one: str, other: str) -> int:
    """How many letters are inserted, left out, changed, or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for to, target in enumerate(other, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != target))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == target:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _find_neighbors(terms: Terms, person: Person) -> list[_Neighbor]:
    """With one error in a short word, two in a long one."""
    checked = _list_words_to_check(terms, SHORTEST)
    if not checked:
        return []
    near = sorted({spelling for word in checked for spelling in _list_spellings(word)})
    with prepared_cursor() as cursor:
        reader = {"person": person.pk, "external": person.is_external}
        cursor.execute(_NEIGHBORS, {"words": checked, "last": terms.last, "near": near, **reader})
        found = [
            _Neighbor(word, is_found, documents, near, near_documents, compute_edit_distance(word, near))
            for word, is_found, documents, near, near_documents in cursor.fetchall()
        ]
    return [one for one in found if one.distance <= (2 if len(one.word) >= LONG else 1)]


def _find_frequent_neighbors(terms: Terms, hits: int) -> list[_Neighbor]:
    """Words one error away from a word of a search with `hits`, and in far more documents. One query if there are
    none.
    """
    near = {word: set(_list_spellings(word)) for word in _list_words_to_check(terms, SHORTEST_FOUND)}
    if not near:
        return []
    more_frequent_slip = FREQUENT_BESIDE_STRAY if hits == 1 else FAR_MORE_FREQUENT_SLIP
    with prepared_cursor() as cursor:
        spellings = sorted(set[str]().union(*near.values()))
        cursor.execute(_FREQUENT, {"words": spellings, "least": more_frequent_slip * hits})
        frequent: dict[str, int] = dict(cursor.fetchall())
        words = [word for word in near if not near[word].isdisjoint(frequent)]
        if not words:
            return []
        end = f"{terms.last}{LAST_CHARACTER}"
        cursor.execute(_DOCUMENTS, {"words": words, "last": terms.last, "end": end})
        documents = {word: max(hits, count) for word, count in cursor.fetchall()}
    neighbors = (
        _Neighbor(
            word, is_found=True, documents=documents[word], near=one, near_documents=frequent[one], distance=1
        )
        for word in words
        for one in sorted(near[word].intersection(frequent))
    )
    return [neighbor for neighbor in neighbors if neighbor.is_far_likelier(more_frequent_slip)]


def _list_words_to_check(terms: Terms, shortest: int) -> list[str]:
    return [
        word
        for word in terms.positive
        if len(word) >= shortest and not word.isdecimal() and word not in STOP_WORDS
    ]


def _list_spellings(word: str) -> Iterator[str]:
    """Everything one error away. Other digits or another last letter are no error: `landsat7` and `landsat8`, `date` and
    `daten` are all meant.
    """
    for at in range(len(word)):
        before, letter, after = word[:at], word[at], word[at + 1 :]
        yield from (before + one + word[at:] for one in ascii_lowercase)
        if not after or letter.isdecimal():
            continue
        yield before + after
        yield from (before + one + after for one in ascii_lowercase if one != letter)
        if after[0] != letter and not after[0].isdecimal():
            yield before + after[0] + letter + after[1:]


def _build_corrected(text: str, neighbors: Iterable[_Neighbor], person: Person) -> str:
    """The text with each word replaced by its nearest visible neighbor, the likelier of equals; empty if there is none."""
    ordered = sorted(neighbors, key=lambda neighbor: (neighbor.distance, -neighbor.likelihood, neighbor.near))
    if not ordered:
        return ""
    with prepared_cursor() as cursor:
        cursor.execute(_VISIBLE_WORDS, {"words": [one.near for one in ordered], "person": person.pk})
        visible = {word for (word,) in cursor.fetchall()}
    replacements: dict[str, str] = {}
    for one in ordered:
        if one.near in visible:
            replacements.setdefault(one.word, one.near)
    parts, at = [], 0
    for start, end in find_word_spans(text) if replacements else ():
        for word in words(text[start:end]):
            parts += [
                text[at : start + word.start],
                replacements.get(word.text, text[start + word.start : start + word.end]),
            ]
            at = start + word.end
    return "".join([*parts, text[at:]]) if replacements else ""
