"""Suggestions of the search box: products and terms by name, words, and filters. Never what only hidden things contain."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.search.completion.filters import complete_name, complete_value
from catalog.search.completion.names import NAME_CANDIDATES, NameCandidate, choose_names
from catalog.search.completion.prefix_cache import (
    MAX_LENGTH,
    Completion,
    cache_completions,
    cached_completions,
)
from catalog.search.completion.words import WORD_CANDIDATES, WordCandidate, choose_words, end_of
from catalog.search.filter_sql import escape_like
from catalog.search.filter_syntax import NAMES, last_token, parse_text
from catalog.search.index.codes import Word
from catalog.search.index.tokenizer import words
from catalog.search.terms import parse_terms
from identity.people.models import Person
from kernel.prepared_statements import prepared_cursor

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
        values = complete_value(name.lower(), value.strip('"'), before, person)
        return tuple(
            Suggestion("filter", label, f"{before}{minus}{name.lower()}:{_quoted(typed)}", "", count)
            for label, typed, count in values
        )
    filters = [Suggestion("filter", each, f"{before}{minus}{each}") for each in complete_name(name)]
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
        return _parse_or(text, token)
    if token.startswith('"'):
        return _parse_quoted(text, token)
    return _parse_plain(text)


def _parse_or(text: str, token: str) -> _PartialWord:
    """A word that begins so."""
    start = len(text) - len(token)
    before = parse_terms(parse_text(text[:start]).words)
    return _PartialWord("or", start, text.casefold(), before.positive, before.full)


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
    return _PartialWord(terms.last, _start_of(terms.last, text), typed, before, terms.head)


def _start_of(last: str, text: str) -> int:
    """Where the last word begins, which may be several in the text: `landsat8`."""
    parts = list(words(text))
    while len(parts) > 1 and len(parts[-1].text) < len(last):
        end = parts.pop()
        parts[-1] = Word(parts[-1].text + end.text, parts[-1].start, end.end)
    return parts[-1].start


def _complete_prefix(prefix: str) -> list[Completion]:
    return _completions(_PartialWord(prefix, 0, prefix), None)


def _completions(word: _PartialWord, person: int | None) -> list[Completion]:
    """Products and terms with such names, then words, for the person with this id; with None what everyone inside may see.
    At most two queries.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_CANDIDATES, {**word.parameters(), "person": person})
        rows = cursor.fetchall()
    names = choose_names(NameCandidate(*row[:5]) for row in rows if row[0] != "word")
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
