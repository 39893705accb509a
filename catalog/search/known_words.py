"""Which words of a search are meant as they are, as its hits show."""

import re
from collections.abc import Collection, Iterator

from catalog.prepared_statements import prepared_cursor
from catalog.search.index.tokenizer import words
from catalog.search.results import Hit, SearchResult

_ACRONYM = re.compile(r"\b[A-Z][A-Z\d]{1,5}\b")
_LANGUAGES = ["english", "danish", "dutch", "french", "german", "italian", "portuguese", "spanish", "swedish"]
_FEWEST_STOP_WORDS = 2
# The dictionary of a language turns its stop words into nothing.
_STOP_WORDS = """SELECT language, count(*) FROM unnest(%s::text[]) AS language CROSS JOIN unnest(%s::text[]) AS word
WHERE ts_lexize((language || '_stem')::regdictionary, word) = '{}' GROUP BY language"""


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
