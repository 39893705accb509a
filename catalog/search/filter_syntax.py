"""Filters typed into the search box: `domain:insurance -tier:bronze fresh:<1d words "a phrase"`. Pure."""

import re
from dataclasses import dataclass

FACET_OF = {
    "domain": "domain",
    "classification": "classification",
    "tier": "tier",
    "account": "producer",
    "has": "access",
    "team": "team",
    "region": "region",
    "format": "format",
    "tag": "tag",
    "type": "type",
    "fresh": "fresh",
    "used": "used",
}
"""Filter name → the facet that it narrows. The other filters have no facet."""
NAMES = (*FACET_OF, "owner", "column")
MAX_FILTERS = 20
_AGE = re.compile(r"([<>]?)([1-9]\d{0,3})([hdw])", re.IGNORECASE)
_VALID = {
    "fresh": _AGE,
    "used": re.compile(r"[1-9]\d{0,5}", re.ASCII),
    "has": re.compile("access", re.IGNORECASE),
}
"""Valid values, of filters that do not take any."""
_UNITS = {"h": 1, "d": 24, "w": 7 * 24}

_TOKEN = re.compile(r'(?<!\S)(-?)([A-Za-z]+):(?!//)("[^"]*"?|\S*)|"[^"]*"?|\S+')


@dataclass(frozen=True)
class Filter:
    """`token` is the filter as written in the text; `excluded` if it has a leading minus."""

    name: str
    value: str
    excluded: bool
    token: str


@dataclass(frozen=True)
class ParsedText:
    """`words` is the text without its filters. Filters with an unknown name or value are in `unknown` and stay in `words`."""

    words: str
    filters: tuple[Filter, ...]
    unknown: tuple[str, ...]


def parse_text(text: str) -> ParsedText:
    """Separate filters from words. A filter without a value is still being typed and is ignored."""
    words: list[str] = []
    filters: list[Filter] = []
    unknown: list[str] = []
    for match in _TOKEN.finditer(text):
        minus, name, value = match.group(1), (match.group(2) or "").lower(), (match.group(3) or "").strip('"')
        if not name:
            words.append(match.group())
        elif name not in NAMES or (value and name in _VALID and not _VALID[name].fullmatch(value)):
            words.append(match.group())
            unknown.append(f"{name}:{value}" if name in NAMES else f"{name}:")
        elif value and len(filters) < MAX_FILTERS:
            filters.append(Filter(name, value, bool(minus), match.group()))
    return ParsedText(" ".join(words), tuple(filters), tuple(dict.fromkeys(unknown)))


def parse_age(value: str) -> tuple[str, int] | None:
    """An age such as `<1d`, `12h` or `>4w`: `<` for at most, `>` for more, and the hours. None for anything else."""
    match = _AGE.fullmatch(value)
    if match is None:
        return None
    return match.group(1) or "<", int(match.group(2)) * _UNITS[match.group(3).lower()]


def remove_token(text: str, token: str) -> str:
    """The text without the first occurrence of this filter."""
    tokens = [match.group() for match in _TOKEN.finditer(text)]
    if token in tokens:
        tokens.remove(token)
    return " ".join(tokens)
