"""Which words of a search are meant as they are, as its hits show, and which nothing contains."""

import re
from collections.abc import Collection, Iterator

from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import VISIBLE
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, SearchResult
from catalog.search.text_queries import text_parameters
from catalog.search.word_queries import WORDS
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
            {**text_parameters(query.terms), "person": person.pk, "external": person.is_external},
        )
        return tuple(" ".join(query.terms.words[at - 1][0]) for (at,) in cursor.fetchall())


def find_known_words(found: SearchResult, suspected: Collection[str]) -> set[str]:
    """Of the `suspected` words those in the name or a keyword of a product, acronyms, and words of texts in another language."""
    texts = [text for hit in found.hits for text in _texts(hit)]
    names = [hit.name for hit in found.hits if hit.kind == "product"]
    names += [one.text for hit in found.hits for one in hit.reasons if one.field == "keyword"]
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
