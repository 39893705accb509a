"""What a person searches for: read from an address, written back to it, and made safe for PostgreSQL. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode

from catalog.search.filter_syntax import Filter, Typed, split, without
from catalog.search.index.tokenizer import words

LONGEST_TEXT = 200
MOST_VALUES = 20
FACETS = (
    "type", "domain", "team", "classification", "tier", "fresh", "used", "producer", "region", "format", "tag", "access",
)  # fmt: skip
SORTS = ("relevance", "name", "fresh", "popular", "newest")
AGES = {"1d": 24, "7d": 7 * 24, "30d": 30 * 24}
"""Of the facet `fresh`: value → hours."""
USED_BY = ("10", "3", "1")
"""Of the facet `used`: by so many teams at least."""

_COUNTED: Mapping[str, Collection[str]] = {"fresh": AGES, "used": USED_BY}
_TOKEN = re.compile(r'-?"[^"]*"?|\S+')
_VALUE = re.compile(r"[\w.-]{1,80}")
_TAG = re.compile(r"[^=\x00-\x1f]{1,128}=[^\x00-\x1f]{1,256}")


@dataclass(frozen=True)
class Terms:
    """The text as PostgreSQL shall read it: letters, digits, blanks, quotes and leading minuses only.

    `full` is websearch syntax; `last` the word that may be unfinished, with `head` before it, or empty.
    """

    full: str
    head: str
    last: str
    positive: tuple[str, ...]

    @property
    def is_either(self) -> bool:
        """Whether one word of several will do."""
        return "or" in self.full.split()


@dataclass(frozen=True)
class SearchQuery:
    """Text, the values chosen of each facet, and the order. Build it by `from_parameters` or `parse`."""

    text: str = ""
    domain: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    classification: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    producer: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    sort: str = "relevance"

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Sequence[str]]) -> "SearchQuery":
        """From lists of values by name (`dict(request.GET.lists())`); what makes no sense is left out."""
        text = " ".join((_first(parameters, "q")).replace("\x00", " ").split())[:LONGEST_TEXT].strip()
        sort = _first(parameters, "sort")
        return cls(
            text=text.encode(errors="ignore").decode(),
            sort=sort if sort in SORTS else "relevance",
            **{name: _values(name, parameters.get(name, ())) for name in FACETS},
        )

    @classmethod
    def parse(cls, querystring: str) -> "SearchQuery":
        """From the part of an address after the question mark."""
        return cls.from_parameters(parse_qs(querystring, max_num_fields=200))

    def to_querystring(self) -> str:
        """The shortest part after the question mark from which `parse` makes this query again."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FACETS for value in self.chosen(name)]
        return urlencode(pairs + ([("sort", self.sort)] if self.sort != "relevance" else []))

    def chosen(self, facet: str) -> tuple[str, ...]:
        values: tuple[str, ...] = getattr(self, facet)
        return values

    def toggled(self, facet: str, value: str) -> "SearchQuery":
        """With this value chosen, or no longer chosen."""
        values = set(self.chosen(facet)) ^ {value}
        chosen: dict[str, Any] = {facet: tuple(sorted(values))}
        return replace(self, **chosen)

    @cached_property
    def typed(self) -> Typed:
        """The text as filters and words."""
        return split(self.text)

    def without(self, each: Filter) -> "SearchQuery":
        """With this typed filter taken out of the text."""
        return replace(self, text=without(self.text, each.token))

    def sorted_by(self, sort: str) -> "SearchQuery":
        return replace(self, sort=sort)

    @property
    def is_empty(self) -> bool:
        return not self.text and not any(self.chosen(name) for name in FACETS)


def terms(text: str) -> Terms:
    """Split a person's text: "quoted phrases" and -exclusions stay, `or` stays, identifiers come apart."""
    said: list[str] = []
    positive: list[str] = []
    last = ""
    for token in _TOKEN.findall(text[:LONGEST_TEXT]):
        bare = token.removeprefix("-")
        excluded, phrase = bare != token, bare.startswith('"')
        parts = [word.text for word in words(bare)]
        last = ""
        if bare.casefold() == "or":
            said.append("or")
        elif excluded or phrase:
            said += [("-" if excluded else "") + '"' + " ".join(parts) + '"'] if parts else []
        else:
            said += ['"or"' if part == "or" else part for part in parts]
            last = parts[-1] if parts and parts[-1] != "or" else ""
        positive += [] if excluded or bare.casefold() == "or" else parts
    head = " ".join(said[:-1]) if last else ""
    return Terms(" ".join(said), head, last, tuple(dict.fromkeys(positive)))


def _first(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name) or ("",)
    return values[0]


def _values(name: str, values: Sequence[str]) -> tuple[str, ...]:
    if not values:
        return ()
    if name in _COUNTED:
        return tuple(sorted(set(values).intersection(_COUNTED[name])))
    known = _TAG if name == "tag" else _VALUE
    return tuple(sorted({value for value in values[:MOST_VALUES] if known.fullmatch(value)}))
