"""What the search box offers while someone types: products and terms by name, words, and filters. Never what only hidden things hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.prepared_statements import prepared
from catalog.search.completion import prefix_cache
from catalog.search.completion.filters import names_like, values_like
from catalog.search.completion.prefix_cache import Offered
from catalog.search.filter_sql import literally
from catalog.search.filter_syntax import NAMES, split
from catalog.search.index.models import EVERYONE
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import LAST_SIGN, STANDS
from catalog.search.query import Terms, terms
from identity.people.models import Person

MOST_WORDS = 6
MOST_PRODUCTS = 4
MOST_TERMS = 2
CANDIDATES = 40

# With the words before it: what is offered finds something.
_ASKED = "(websearch_to_tsquery('english', %(head)s) && to_tsquery('simple', {last}))"

# How frequent several words are together nobody knows.
_ALONE = "CASE WHEN %(head)s::text = '' THEN known.documents ELSE 0 END"

_WORDS = f"""
SELECT known.word FROM (
  SELECT word, documents FROM catalog_indexedword WHERE word ~>=~ %(last)s AND word ~<~ %(beyond)s
  ORDER BY documents DESC, word LIMIT {CANDIDATES}) AS known
CROSS JOIN LATERAL (SELECT {_ASKED.format(last="quote_literal(known.word)")} AS q) AS asked
WHERE {STANDS.format(documents=_ALONE, q="asked.q")}
ORDER BY known.documents DESC, known.word LIMIT {MOST_WORDS}"""  # noqa: S608

# Terms by the start of their name or a synonym: everybody reads the glossary.
_NAMED = f"""
(SELECT 'product', p.name, p.slug FROM catalog_document d JOIN catalog_dataproduct p ON p.id = -d.id
WHERE d.id < 0 AND d.visibility = {EVERYONE} AND d.names @@ to_tsquery('simple', %(prefix)s)
  AND d.search @@ {_ASKED.format(last="%(prefix)s")}
ORDER BY lower(p.name), p.id LIMIT {MOST_PRODUCTS})
UNION ALL
(SELECT 'term', t.name, t.slug FROM catalog_term t
WHERE EXISTS (SELECT FROM unnest(array_prepend(t.name::text, t.synonyms::text[])) AS said
  WHERE lower(said) LIKE %(begun)s)
ORDER BY lower(t.name), t.id LIMIT {MOST_TERMS})"""  # noqa: S608


@dataclass(frozen=True)
class Suggestion:
    """`kind` is product, term, word or filter. `text` is what the box then holds; products and terms have a `slug`
    and are opened.

    `count` is how much a filter would leave, or 0 where that is not counted.
    """

    kind: str
    label: str
    text: str
    slug: str = ""
    count: int = 0


def complete(text: str, *, person: Person) -> tuple[Suggestion, ...]:
    """What may follow the last word, made of what the person may find. One query for the first letters of a word, else two at most."""
    if not text or text != text.rstrip():
        return ()
    token = text.rsplit(maxsplit=1)[-1]
    before = text[: len(text) - len(token)]
    minus = "-" if token.startswith("-") else ""
    name, colon, value = token.removeprefix("-").partition(":")
    if colon and name.lower() in NAMES:
        offered = values_like(name.lower(), value.strip('"'), before, person)
        return tuple(
            Suggestion("filter", label, f"{before}{minus}{name.lower()}:{_quoted(said)}", "", count)
            for label, said, count in offered
        )
    named = [Suggestion("filter", each, f"{before}{minus}{each}") for each in names_like(name)]
    return (*_found(text), *([] if colon else named))


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def tell_beginnings(*, anew: bool) -> int:
    """Tell in advance what is offered for beginnings of words; `anew` for all, else for those that were taken back.

    Returns how many differed.
    """
    return prefix_cache.tell(_offered, anew=anew)


def _found(text: str) -> list[Suggestion]:
    asked = terms(split(text).words)
    if not asked.last:
        return []
    told = prefix_cache.told_for(text.lower()) if _is_beginning(text, asked) else None
    return _suggestions(text, asked, _offered(text) if told is None else told)


def _is_beginning(text: str, asked: Terms) -> bool:
    return len(text) <= prefix_cache.LONGEST and asked.last == text.lower()


def _offered(text: str) -> list[Offered]:
    """Products and terms that are named so, then words; by two queries."""
    said = split(text).words
    asked = terms(said)
    given = {"head": asked.head, "last": asked.last, "prefix": f"'{asked.last}':*"}
    given |= {"begun": f"{literally(said.casefold())}%", "beyond": f"{asked.last}{LAST_SIGN}"}
    with prepared() as cursor:
        cursor.execute(_NAMED, given)
        named: list[Offered] = list(cursor.fetchall())
        cursor.execute(_WORDS, given)
        return [*named, *(("word", word, "") for (word,) in cursor.fetchall())]


def _suggestions(text: str, asked: Terms, offered: Iterable[Offered]) -> list[Suggestion]:
    """A word that stands there in full already is no suggestion."""
    before = text[: len(text) - len(_unfinished(text))]
    return [
        Suggestion(kind, label, f"{before}{label}" if kind == "word" else label, slug)
        for kind, label, slug in offered
        if kind != "word" or label != asked.last
    ]


def _unfinished(text: str) -> str:
    """The signs of the last word as they were typed: `gold_clai` ends in `clai`."""
    return text[list(words(text))[-1].start :]
