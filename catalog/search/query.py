"""What a person searches for: read from a query string, written back to it, and made safe for PostgreSQL. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, make_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from django.utils.translation import gettext as _

from catalog.search.facet_definitions import AGE, BY_NAME, DEFINITIONS, FACETS, NESTED_KINDS
from catalog.search.terms import MAX_TEXT, Terms, parse_terms

FACET_OF = {one.filter_name: one.name for one in DEFINITIONS}
"""Filter name → the facet that it narrows. The other filters have no facet."""
NAMES = (*FACET_OF, "owner", "column")
_VALID = {one.filter_name: (one.typed_pattern, one.typed_values) for one in DEFINITIONS if one.typed_pattern}
"""Valid values and their description, of filters that do not take any."""
_UNITS = {"h": 1, "d": 24, "w": 7 * 24}

_TOKEN = re.compile(r'(?<![^\s"])(-?)([A-Za-z]+(?:[_-][A-Za-z]+)*):(?!//)("[^"]*"?|\S*)|"[^"]*"?|\S+')
_SCHEMES = ("arn", "urn", "doi", "mailto", "jdbc")
"""Names before a colon that start an address, as does any name before `//`."""


@dataclass(frozen=True)
class Filter:
    """`token` is the filter as written in the text; `excluded` if it has a leading minus."""

    name: str
    value: str
    excluded: bool
    token: str


@dataclass(frozen=True)
class UnknownFilter:
    """It has an unknown name, or a known name and an invalid value."""

    name: str
    value: str

    @property
    def message(self) -> str:
        return explain_unknown([self])[0]


@dataclass(frozen=True)
class ParsedText:
    """`words` is the text without its filters."""

    words: str
    filters: tuple[Filter, ...]
    unknown: tuple[UnknownFilter, ...]


def parse_text(text: str) -> ParsedText:
    """Separate filters from words. A filter without a value is still being typed and is ignored."""
    tokens = [_read(match) for match in _TOKEN.finditer(text)]
    return ParsedText(
        words=" ".join(token for token in tokens if isinstance(token, str)),
        filters=tuple(token for token in tokens if isinstance(token, Filter)),
        unknown=tuple(dict.fromkeys(token for token in tokens if isinstance(token, UnknownFilter))),
    )


def _read(match: re.Match[str]) -> str | Filter | UnknownFilter | None:
    """The words of this token, or its filter; None for a filter without a value."""
    token, name, value = match.group(), (match.group(2) or "").lower(), (match.group(3) or "").strip('"')
    if name not in NAMES:
        is_filter = name and value and not _is_code(match.group(2), value)
        return UnknownFilter(name, value) if is_filter else token
    if not value:
        return None
    if name in _VALID and not _VALID[name][0].fullmatch(value):
        return UnknownFilter(name, value)
    return Filter(name, value, bool(match.group(1)), token)


def _is_code(name: str, value: str) -> bool:
    """Whether it is an address, a path, a code such as `EPSG:4326`, or has no words in its value."""
    is_path_or_signs = value[0] in ":/\\" or not any(map(str.isalnum, value))
    return name.lower() in _SCHEMES or is_path_or_signs or (name.isupper() and value[0].isdigit())


def explain_unknown(filters: Sequence[UnknownFilter]) -> list[str]:
    """What is wrong with these filters, in a sentence or two for each invalid value and for all unknown names."""
    names = dict.fromkeys(f'"{each.name}:"' for each in filters if each.name not in NAMES)
    messages = [
        _('"{name}:{value}" was ignored. The filter "{name}:" takes {valid}.').format(
            name=each.name, value=each.value, valid=_VALID[each.name][1]
        )
        for each in filters
        if each.name in _VALID
    ]
    if names:
        unknown = _(
            "There is no filter {names}. Filters are {known}. To search for the text, put it in quotes."
        )
        messages.append(unknown.format(names=_(" or ").join(names), known=", ".join(sorted(NAMES))))
    return messages


def find_word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each token that is searched as words."""
    return (match.span() for match in _TOKEN.finditer(text) if isinstance(_read(match), str))


def parse_age(value: str) -> tuple[str, int] | None:
    """An age such as `<1d`, `12h` or `>4w`: `<` for at most, `>` for more, and the hours. None for anything else."""
    match = AGE.fullmatch(value)
    if match is None:
        return None
    return match.group(1) or "<", int(match.group(2)) * _UNITS[match.group(3).lower()]


def get_last_token(text: str) -> str:
    """The last filter, word or quoted text; empty if there is none."""
    tokens = [match.group() for match in _TOKEN.finditer(text)]
    return tokens[-1] if tokens else ""


def remove_token(text: str, token: str) -> str:
    """The text without this filter, wherever it occurs."""
    matches = (match.group() for match in _TOKEN.finditer(text))
    return " ".join(match for match in matches if match != token)


MAX_VALUES = 20
"""Values of one facet."""
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
            **{name: _list_valid_values(name, parameters.get(name, ())) for name in FACETS},
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


def _list_valid_values(name: str, values: Sequence[str]) -> tuple[str, ...]:
    if not values:
        return ()
    facet = BY_NAME[name]
    if facet.kind in NESTED_KINDS:
        return tuple(sorted(set(values).intersection(facet.value_labels)))
    pattern = facet.pattern
    return tuple(sorted({value for value in values[:MAX_VALUES] if pattern.fullmatch(value)}))
