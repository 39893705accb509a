"""What a person searches for: read from a query string, written back to it, and made safe for PostgreSQL. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode

from catalog.search.filter_syntax import Filter, ParsedText, parse_text, remove_token
from catalog.search.terms import MAX_TEXT, Terms, parse_terms

MAX_VALUES = 20
"""Of one facet."""
FACETS = (
    "type", "domain", "team", "classification", "tier", "fresh", "promise", "quality", "used", "producer", "region", "format",
    "tag", "access",
)  # fmt: skip
SORTS = ("relevance", "name", "fresh", "popular", "newest")
AGES = {"1d": 24, "7d": 7 * 24, "30d": 30 * 24}
"""Values of the facet `fresh`, in hours."""
USED_BY = ("10", "3", "1")
"""Values of the facet `used`: by at least so many teams."""
SCORES = ("95", "80", "0")
"""Values of the facet `quality`: at least so many percent of the rules passed."""
PROMISES = ("kept", "broken")

_FIXED_VALUES: Mapping[str, Collection[str]] = {
    "fresh": AGES,
    "used": USED_BY,
    "quality": SCORES,
    "promise": PROMISES,
}
_VALUE = re.compile(r"[\w.-]{1,80}")
_FREE_TEXT = re.compile(r"[^\x00-\x1f]{1,256}")
_VALUE_PATTERNS = {
    "tag": re.compile(r"[^=\x00-\x1f]{1,128}=[^\x00-\x1f]{0,256}"),
    "tier": _FREE_TEXT,
    "format": _FREE_TEXT,
}


@dataclass(frozen=True)
class SearchQuery:
    """Text, chosen values of each facet, and order. Create it with `from_parameters` or `parse`."""

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
    quality: tuple[str, ...] = ()
    promise: tuple[str, ...] = ()
    sort: str = "relevance"

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Sequence[str]]) -> "SearchQuery":
        """From lists of values by name (`dict(request.GET.lists())`); invalid values are ignored."""
        text, sort = ((parameters.get(name) or ("",))[0] for name in ("q", "sort"))
        text = " ".join(text.replace("\x00", " ").split())[:MAX_TEXT].strip()
        return cls(
            text=text.encode(errors="ignore").decode(),
            sort=sort if sort in SORTS else "relevance",
            **{name: _valid_values(name, parameters.get(name, ())) for name in FACETS},
        )

    @classmethod
    def parse(cls, querystring: str) -> "SearchQuery":
        return cls.from_parameters(parse_qs(querystring, max_num_fields=200))

    def to_querystring(self) -> str:
        """The shortest query string that `parse` reads as this query."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FACETS for value in self.chosen(name)]
        return urlencode(pairs + ([("sort", self.sort)] if self.sort != "relevance" else []))

    def chosen(self, facet: str) -> tuple[str, ...]:
        values: tuple[str, ...] = getattr(self, facet)
        return values

    def toggled(self, facet: str, value: str) -> "SearchQuery":
        """With this value chosen, or no longer chosen. Of nested values, such as ages, one is chosen at a time."""
        chosen = set(self.chosen(facet))
        others = set() if facet in _FIXED_VALUES else chosen
        changed: dict[str, Any] = {
            facet: tuple(sorted(chosen - {value} if value in chosen else others | {value}))
        }
        return replace(self, **changed)

    @cached_property
    def typed(self) -> ParsedText:
        return parse_text(self.text)

    @cached_property
    def terms(self) -> Terms:
        return parse_terms(self.typed.words)

    def without(self, typed: Filter) -> "SearchQuery":
        return replace(self, text=remove_token(self.text, typed.token))

    @property
    def is_empty(self) -> bool:
        return not self.text and not any(self.chosen(name) for name in FACETS)


def _valid_values(name: str, values: Sequence[str]) -> tuple[str, ...]:
    if not values:
        return ()
    if name in _FIXED_VALUES:
        return tuple(sorted(set(values).intersection(_FIXED_VALUES[name])))
    pattern = _VALUE_PATTERNS.get(name, _VALUE)
    return tuple(sorted({value for value in values[:MAX_VALUES] if pattern.fullmatch(value)}))
