"""The words of a text that is searched, with the spellings of each. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog.search.index.codes import Word, join_codes, split_code
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import STOP_WORDS

MAX_TEXT = 200
"""Characters."""
MAX_JOINED_LENGTH = 40
"""Characters of a word that is put together from several."""
FEW_WORDS = 4
"""In a search of so many words three of them may be one word in a document, else two."""
Spellings = tuple[tuple[str, ...], ...]
"""One of them must match. Each is a word, or several side by side."""

_LINKS = {"or", "and", "not"}
_TOKEN = re.compile(r'-?"[^"]*"?|\S+')
_SCHEME = re.compile(r"\bs3[an]?://", re.IGNORECASE)


@dataclass(frozen=True)
class Terms:
    """The words of a text for PostgreSQL: letters, digits, blanks, quotes and leading minuses only.

    `full` is websearch syntax. `last` is the word that may be unfinished, with `head` before it, or empty. `positive` are
    the words that are not excluded. `has_or`: one word of several is enough.

    `words` has the spellings of each word or phrase that is not excluded, `excluded` those of the others. A spelling may
    be several words side by side, or join the word with its neighbors: `git` is also found as `github` in "git hub".
    """

    full: str
    head: str
    last: str
    positive: tuple[str, ...]
    has_or: bool
    words: tuple[Spellings, ...] = ()
    excluded: tuple[Spellings, ...] = ()


@dataclass
class _Collector:
    full: list[str] = field(default_factory=list)
    positive: list[str] = field(default_factory=list)
    words: list[Spellings] = field(default_factory=list)
    excluded: list[Spellings] = field(default_factory=list)
    head: str = ""
    last: str = ""

    def add_phrase(self, text: str, *, is_excluded: bool) -> None:
        parts = tuple(word.text for word in words(text))
        codes = tuple(code.text for code in join_codes(text, split_code(text), is_apart=True))
        spellings = tuple(each for each in dict.fromkeys((parts, codes)) if each)
        if not spellings:
            return
        self.full.append(f'{"-" if is_excluded else ""}"{" ".join(spellings[0])}"')
        self.positive += [] if is_excluded else spellings[0]
        (self.excluded if is_excluded else self.words).append(spellings)

    def add_words(self, text: str, *, is_last: bool) -> None:
        codes = join_codes(text, split_code(text), is_apart=True)
        before = list(self.full)
        self.full += [_quote_word(code.text) for code in codes]
        self.positive += [code.text for code in codes]
        self.words += _list_spellings(text, codes)
        if is_last and codes and codes[-1].text != "or":
            *others, self.last = _split_last(text, codes)
            self.head = " ".join([*before, *map(_quote_word, others)])


def parse_terms(text: str) -> Terms:
    """Quoted phrases, -exclusions and `or` are kept; codes have the same words in each spelling."""
    found = _Collector()
    segments = list(_split_segments(_SCHEME.sub("", text[:MAX_TEXT])))
    for at, segment in enumerate(segments):
        bare = segment.removeprefix("-")
        if _is_or(bare, text):
            found.full.append("or")
        elif bare != segment or bare.startswith('"'):
            found.add_phrase(bare, is_excluded=bare != segment)
        else:
            found.add_words(segment, is_last=at == len(segments) - 1)
    full = " ".join(found.full)
    return Terms(
        full,
        found.head,
        found.last,
        tuple(dict.fromkeys(found.positive)),
        has_or="or" in full.split(),
        words=tuple(dict.fromkeys(found.words)),
        excluded=tuple(found.excluded),
    )


def build_tsquery_text(spellings: Iterable[Spellings]) -> str:
    """All of these words for `to_tsquery`."""
    either = (
        " | ".join(" <-> ".join(f"'{word}'" for word in spelling) for spelling in each) for each in spellings
    )
    return " & ".join(f"({each})" for each in either)


def _split_segments(text: str) -> Iterator[str]:
    """Phrases, exclusions, `or`, and the plain text between them."""
    plain: list[str] = []
    for token in _TOKEN.findall(text):
        if token.startswith(("-", '"')) or _is_or(token, text):
            if plain:
                yield " ".join(plain)
            plain = []
            yield token
        else:
            plain.append(token)
    if plain:
        yield " ".join(plain)


def _is_or(word: str, text: str) -> bool:
    """In a sentence, which has other stop words, `or` is one of them."""
    if word.casefold() != "or":
        return False
    return word == "OR" or _LINKS.issuperset(STOP_WORDS.intersection(text.casefold().split()))


def _list_spellings(text: str, codes: Sequence[Word]) -> Iterator[Spellings]:
    most = 3 if len(codes) <= FEW_WORDS else 2
    runs = [
        (at, at + count, "".join(code.text for code in codes[at : at + count]))
        for count in range(2, most + 1)
        for at in range(len(codes) - count + 1)
    ]
    joined = [run for run in runs if len(run[2]) <= MAX_JOINED_LENGTH and not run[2].isdecimal()]
    for at, code in enumerate(codes):
        found: list[tuple[str, ...]] = [(code.text,)]
        camel_case = tuple(part.text for part in split_code(text[code.start : code.end], is_name=True))
        if code.text.isalpha() and STOP_WORDS.isdisjoint(camel_case):
            found.append(camel_case)
        if code.text not in STOP_WORDS:
            found += [(whole,) for first, last, whole in joined if first <= at < last]
        yield tuple(dict.fromkeys(found))


def _quote_word(word: str) -> str:
    return '"or"' if word == "or" else word


def _split_last(text: str, codes: Sequence[Word]) -> list[str]:
    """The words before the last, and the last, which may be unfinished: a number with the word before it."""
    *others, last = [code.text for code in codes]
    if others and last.isdecimal() and others[-1].isalpha() and others[-1] not in STOP_WORDS:
        return [*others[:-1], others[-1] + last]
    if last[-1:].isalpha() and last[:-1].isdecimal() and text[codes[-1].start : codes[-1].end][-2].isspace():
        return [*others, last[:-1], last[-1]]
    return [*others, last]
