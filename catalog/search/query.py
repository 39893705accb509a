"""What a person searches for: read from a query string, written back to it, and made safe for PostgreSQL. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, make_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from catalog.search.facet_definitions import BY_NAME, FACETS, NESTED_KINDS
from catalog.search.filter_syntax import Filter, ParsedText, parse_text, remove_token
from catalog.search.terms import MAX_TEXT, Terms, parse_terms

MAX_VALUES = 20
"""Of one facet."""
SORTS = ("relevance", "name", "fresh", "popular", "newest")

if TYPE_CHECKING:
    _Fields = Any
else:
    _Chosen = tuple[str, ...]
    _Fields = make_dataclass(
        "_Fields",
        [("text", str, ""), *((name, _Chosen, ()) for name in FACETS), ("sort", str, "relevance")],
        frozen=True,
    )


@dataclass(frozen=True)
class SearchQuery(_Fields):  # type: ignore[misc]
    """Text, chosen values of each facet in a member of its name, and order. Create it with `from_parameters` or `parse`."""

    text: str = ""
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
        others = set() if BY_NAME[facet].kind in NESTED_KINDS else chosen
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
    facet = BY_NAME[name]
    if facet.kind in NESTED_KINDS:
        return tuple(sorted(set(values).intersection(facet.value_labels)))
    pattern = facet.pattern
    return tuple(sorted({value for value in values[:MAX_VALUES] if pattern.fullmatch(value)}))
