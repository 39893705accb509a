"""Spelling correction: replaces words that nothing visible contains by the nearest word that something does.

Of equally near words the more frequent one is taken. A missing letter or two swapped letters can occur at as many places as a
word has letters, a wrong or extra letter in 25 times as many ways; frequencies are weighted so.

Whether a word is known depends on what everyone sees: a word of hidden things is as unknown as any other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from catalog.prepared_statements import prepared_cursor
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import IS_VISIBLE, TRIGRAMS, VISIBLE
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.terms import Terms

FEW_HITS = 2
MAX_NEIGHBORS = 30
SHORTEST = 3
LONG = 6
"""Letters of a word in which two errors are corrected."""
SLIP = 25
"""How many times more likely a missing or swapped letter is than another error."""
MORE_FREQUENT = 5
"""In how many times more documents a neighbor of a known word must be."""
_NEIGHBORS = f"""
WITH given AS MATERIALIZED (
  SELECT one.word, {TRIGRAMS.format(word="one.word")} AS trigrams,
    (to_tsquery('english', quote_literal(one.word)) || to_tsquery('simple', quote_literal(one.word)
      || CASE WHEN one.word = %(last)s THEN ':*' ELSE '' END)) AS q
  FROM unnest(%(words)s::text[]) AS one(word)
), checked AS MATERIALIZED (SELECT *, (SELECT count(*) > 0 FROM ({VISIBLE} AND d.search @@ given.q) AS one) AS is_found FROM given)
SELECT checked.word, checked.is_found, coalesce(itself.documents, 0), near.word, near.documents
FROM checked LEFT JOIN catalog_indexedword itself ON itself.word = checked.word
CROSS JOIN LATERAL (
  SELECT known.word, known.documents FROM catalog_indexedword known
  WHERE known.trigrams && checked.trigrams AND known.word <> checked.word
    AND length(known.word) BETWEEN length(checked.word) - 2 AND length(checked.word) + 2
  ORDER BY cardinality(ARRAY(SELECT unnest(known.trigrams) INTERSECT SELECT unnest(checked.trigrams))) DESC,
    known.documents DESC, known.word
  LIMIT {MAX_NEIGHBORS}) AS near"""  # noqa: S608

_VISIBLE_WORDS = f"""
SELECT known.word FROM catalog_indexedword known CROSS JOIN LATERAL to_tsquery('simple', quote_literal(known.word)) AS q
WHERE known.word = ANY(%(words)s::text[]) AND {IS_VISIBLE.format(documents="known.documents", q="q")}"""  # noqa: S608


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
    def likelihood(self) -> int:
        misses_letters = len(self.near) - len(self.word) == self.distance
        is_slip = misses_letters or sorted(self.near) == sorted(self.word)
        return (self.near_documents + 1) * (SLIP if is_slip else 1)

    @property
    def is_likelier(self) -> bool:
        is_frequent = self.near_documents >= MORE_FREQUENT * (self.documents + 1)
        return self.is_found and self.distance == 1 and is_frequent


def correct_spelling(found: SearchResult, search: Callable[[SearchQuery], SearchResult]) -> SearchResult:
    """`found` with a suggestion if it has few hits; if it has none, what `search` finds for a corrected text.

    Two queries with up to `FEW_HITS` hits.
    """
    query = found.query
    if found.total > FEW_HITS or not query.typed.words:
        return found
    neighbors = _neighbors(query.terms)
    if found.total:
        return replace(
            found, did_you_mean=_corrected(query.text, (one for one in neighbors if one.is_likelier))
        )
    # A filter may exclude all that contains a known word: then rare words with a far more frequent neighbor are replaced too.
    unknown = [one for one in neighbors if not one.is_found]
    tried = ""
    for replaced in (unknown, [*unknown, *(one for one in neighbors if one.is_likelier)]):
        text = _corrected(query.text, replaced)
        if text != tried:
            instead, tried = search(replace(query, text=text)), text
            if instead.total:
                return replace(instead, corrected=text)
    return found


def edit_distance(one: str, other: str) -> int:
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


def _neighbors(terms: Terms) -> list[_Neighbor]:
    """With one error in a short word, two in a long one."""
    checked = [word for word in terms.positive if len(word) >= SHORTEST and not word.isdecimal()]
    if not checked:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(_NEIGHBORS, {"words": checked, "last": terms.last})
        found = [
            _Neighbor(word, is_found, documents, near, near_documents, edit_distance(word, near))
            for word, is_found, documents, near, near_documents in cursor.fetchall()
        ]
    return [one for one in found if one.distance <= (2 if len(one.word) >= LONG else 1)]


def _corrected(text: str, neighbors: Iterable[_Neighbor]) -> str:
    """The text with each word replaced by its nearest visible neighbor, the likelier of equals; empty if there is none."""
    ordered = sorted(neighbors, key=lambda one: (one.distance, -one.likelihood, one.near))
    if not ordered:
        return ""
    with prepared_cursor() as cursor:
        cursor.execute(_VISIBLE_WORDS, {"words": [one.near for one in ordered]})
        visible = {word for (word,) in cursor.fetchall()}
    replacements: dict[str, str] = {}
    for one in ordered:
        if one.near in visible:
            replacements.setdefault(one.word, one.near)
    parts, at = [], 0
    for word in words(text):
        parts += [text[at : word.start], replacements.get(word.text, text[word.start : word.end])]
        at = word.end
    return "".join([*parts, text[at:]]) if replacements else ""
