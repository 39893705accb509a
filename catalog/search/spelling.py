"""Misspelt words, one by one: what stands in nothing visible gives way to the nearest word that does.

Of equally near words that one is taken which is common, and likely to be written so: a letter left out or two swapped
can happen at as many places as a word has letters, a wrong or further letter in twenty-five times as many ways.

Whether a word is known is asked of what everyone sees: a word of hidden things alone is as unknown as any other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.prepared_statements import prepared
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import STANDS, TRIGRAMS, VISIBLE
from catalog.search.query import Terms

CANDIDATES = 30
SHORTEST = 3
LONG = 6
SLIP = 25
"""So many times likelier is a neighbour of which letters were only left out, or only swapped."""
MORE_COMMON = 5
"""So many times more documents make a neighbour of a word that is known the likelier one."""
_NEAR = f"""
WITH asked AS MATERIALIZED (
  SELECT said.word, {TRIGRAMS.format(word="said.word")} AS trigrams,
    (to_tsquery('english', quote_literal(said.word)) || to_tsquery('simple', quote_literal(said.word)
      || CASE WHEN said.word = %(last)s THEN ':*' ELSE '' END)) AS q
  FROM unnest(%(words)s::text[]) AS said(word)
), judged AS MATERIALIZED (SELECT *, (SELECT count(*) > 0 FROM ({VISIBLE} AND d.search @@ asked.q) AS one) AS is_found FROM asked)
SELECT judged.word, judged.is_found, coalesce(itself.documents, 0), near.word, near.documents
FROM judged LEFT JOIN catalog_indexedword itself ON itself.word = judged.word
CROSS JOIN LATERAL (
  SELECT known.word, known.documents FROM catalog_indexedword known
  WHERE known.trigrams && judged.trigrams AND known.word <> judged.word
    AND length(known.word) BETWEEN length(judged.word) - 2 AND length(judged.word) + 2
  ORDER BY cardinality(ARRAY(SELECT unnest(known.trigrams) INTERSECT SELECT unnest(judged.trigrams))) DESC,
    known.documents DESC, known.word
  LIMIT {CANDIDATES}) AS near"""  # noqa: S608

_SEEN = f"""
SELECT known.word FROM catalog_indexedword known CROSS JOIN LATERAL to_tsquery('simple', quote_literal(known.word)) AS q
WHERE known.word = ANY(%(words)s::text[]) AND {STANDS.format(documents="known.documents", q="q")}"""  # noqa: S608


@dataclass(frozen=True)
class _Near:
    word: str
    is_found: bool
    documents: int
    near: str
    near_documents: int

    @property
    def distance(self) -> int:
        return distance(self.word, self.near)

    @property
    def likelihood(self) -> int:
        left_out = len(self.near) - len(self.word) == self.distance
        is_slip = left_out or sorted(self.near) == sorted(self.word)
        return (self.near_documents + 1) * (SLIP if is_slip else 1)


def corrections(text: str, asked: Terms) -> Iterator[str]:
    """What may be meant by a text that finds nothing: with the words replaced that stand in nothing; then, as a filter
    may leave nothing of a word that stands somewhere, also the rare ones with a far more common neighbour.
    """
    near = _near(asked)
    unknown = _replaced(text, (each for each in near if not each.is_found))
    if unknown:
        yield unknown
    rare = _replaced(text, (each for each in near if not each.is_found or _is_likelier(each)))
    if rare != unknown:
        yield rare


def likelier(text: str, asked: Terms) -> str:
    """The text with a rare word replaced by a far more common neighbour; empty when there is none."""
    return _replaced(text, (near for near in _near(asked) if _is_likelier(near)))


def distance(one: str, other: str) -> int:
    """How many signs are put in, left out, changed, or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, start=1):
        earlier, before, row = before, row, [at]
        for to, target in enumerate(other, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (sign != target))
            if at > 1 and to > 1 and sign == other[to - 2] and one[at - 2] == target:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _is_likelier(near: _Near) -> bool:
    return near.is_found and near.distance == 1 and near.near_documents >= MORE_COMMON * (near.documents + 1)


def _near(asked: Terms) -> list[_Near]:
    """Candidates that are near enough: one error in a short word, two in a long one."""
    wanted = [word for word in asked.positive if len(word) >= SHORTEST and not word.isdecimal()]
    if not wanted:
        return []
    with prepared() as cursor:
        cursor.execute(_NEAR, {"words": wanted, "last": asked.last})
        found = [_Near(*row) for row in cursor.fetchall()]
    return [near for near in found if near.distance <= (2 if len(near.word) >= LONG else 1)]


def _replaced(text: str, found: Iterable[_Near]) -> str:
    """The nearest candidate of each word that something visible holds; the likelier one of equals."""
    ordered = sorted(found, key=lambda near: (near.distance, -near.likelihood, near.near))
    visible = _seen([near.near for near in ordered])
    better: dict[str, str] = {}
    for near in ordered:
        if near.near in visible:
            better.setdefault(near.word, near.near)
    return _written(text, better) if better else ""


def _seen(candidates: list[str]) -> set[str]:
    if not candidates:
        return set()
    with prepared() as cursor:
        cursor.execute(_SEEN, {"words": candidates})
        return {word for (word,) in cursor.fetchall()}


def _written(text: str, better: Mapping[str, str]) -> str:
    parts, at = [], 0
    for word in words(text):
        parts += [text[at : word.start], better.get(word.text, text[word.start : word.end])]
        at = word.end
    return "".join([*parts, text[at:]])
