"""Filters that are typed into the search box: `domain:insurance -tier:bronze fresh:<1d words "a phrase"`. Pure."""

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
"""The facet that a typed filter narrows; the others narrow what no facet shows."""
NAMES = (*FACET_OF, "owner", "column")
MOST = 20
_AGE = re.compile(r"([<>]?)([1-9]\d{0,3})([hdw])", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_UNITS = {"h": 1, "d": 24, "w": 7 * 24}

_TOKEN = re.compile(r'(?<!\S)(-?)([A-Za-z]+):(?!//)("[^"]*"?|\S*)|"[^"]*"?|\S+')


@dataclass(frozen=True)
class Filter:
    """`token` is the filter as it stands in the text; `excluded` when a minus stands before it."""

    name: str
    value: str
    excluded: bool
    token: str


@dataclass(frozen=True)
class Typed:
    """`words` is the text without its filters. What is named like none, in `unknown`, stays among the words."""

    words: str
    filters: tuple[Filter, ...]
    unknown: tuple[str, ...]


def split(text: str) -> Typed:
    """Tell filters and words apart; a filter without a value is being typed, and is neither."""
    kept: list[str] = []
    filters: list[Filter] = []
    unknown: list[str] = []
    for match in _TOKEN.finditer(text):
        minus, name, value = match.group(1), (match.group(2) or "").lower(), (match.group(3) or "").strip('"')
        if not name:
            kept.append(match.group())
        elif name not in NAMES or (value and not _makes_sense(name, value)):
            kept.append(match.group())
            unknown.append(f"{name}:{value}" if name in NAMES else f"{name}:")
        elif value and len(filters) < MOST:
            filters.append(Filter(name, value, bool(minus), match.group()))
    return Typed(" ".join(kept), tuple(filters), tuple(dict.fromkeys(unknown)))


def age_of(value: str) -> tuple[str, int] | None:
    """An age as `<1d`, `12h` or `>4w`: `<` for at most, `>` for more, and the hours; None for anything else."""
    match = _AGE.fullmatch(value)
    if match is None:
        return None
    return match.group(1) or "<", int(match.group(2)) * _UNITS[match.group(3).lower()]


def _makes_sense(name: str, value: str) -> bool:
    """Three filters know all their values."""
    if name == "fresh":
        return age_of(value) is not None
    if name == "used":
        return _NUMBER.fullmatch(value) is not None
    return name != "has" or value.lower() == "access"


def without(text: str, token: str) -> str:
    """The text with the first such token taken out."""
    kept = [match.group() for match in _TOKEN.finditer(text)]
    if token in kept:
        kept.remove(token)
    return " ".join(kept)
