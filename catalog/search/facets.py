"""The facets of a search: values with their counts, and the search that each leads to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.search.filter_syntax import FACET_OF, Filter, age_of
from catalog.search.query import AGES, FACETS, SearchQuery

Count = tuple[str, str, str, int]
"""Facet, value, label, and in how much it is."""
A_FEW, MOST = 8, 100
NAMED = ("domain", "team", "account")
"""Filters that take a part of a name, too."""
LABELS = {
    "type": "Kind",
    "fresh": "Updated",
    "used": "Popularity",
    "domain": "Domain",
    "team": "Owner team",
    "classification": "Classification",
    "tier": "Tier",
    "producer": "Producer",
    "region": "Region",
    "format": "Format",
    "tag": "LF-Tags",
    "access": "Access",
}
VALUE_LABELS = {
    "access": {"have": "I have access", "ask": "I can request it", "none": "Not available to me"},
    "type": {"product": "Data product", "table": "Table", "view": "View"},
    "fresh": {"1d": "Within a day", "7d": "Within 7 days", "30d": "Within 30 days"},
    "used": {
        "10": "Requested by 10 teams or more",
        "3": "Requested by 3 teams or more",
        "1": "Requested by any team",
    },
    "classification": {"public": "Public", "private": "Private", "sensitive": "Sensitive"},
    "tier": {"bronze": "Bronze", "silver": "Silver", "gold": "Gold"},
}


@dataclass(frozen=True)
class FacetValue:
    """One value; `querystring` is the search with it chosen or, when it is chosen, without it."""

    value: str
    label: str
    count: int
    chosen: bool
    querystring: str


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: tuple[FacetValue, ...]

    @property
    def first(self) -> tuple[FacetValue, ...]:
        """What shows at once: the chosen ones and the most frequent, in their order."""
        kept = self._frequent(A_FEW)
        return tuple(each for each in self.values if each.chosen or each.value in kept)

    @property
    def rest(self) -> tuple[FacetValue, ...]:
        """What a click unfolds, `MOST` at most: filters that are typed find the others."""
        kept = self._frequent(MOST) - {each.value for each in self.first}
        return tuple(each for each in self.values if each.value in kept)

    def _frequent(self, most: int) -> set[str]:
        return {each.value for each in sorted(self.values, key=lambda each: -each.count)[:most]}


def facets_of(query: SearchQuery, counts: Sequence[Count]) -> tuple[Facet, ...]:
    """Every facet, in the order of the page; one without data has no values."""
    return tuple(_facet(query, name, counts) for name in FACETS)


def _facet(query: SearchQuery, name: str, counts: Sequence[Count]) -> Facet:
    counted = {value: (label, count) for facet, value, label, count in counts if facet == name}
    known: Mapping[str, str] = VALUE_LABELS.get(name, {})
    # A chosen value stays to be seen, and to be taken back, when nothing has it any more.
    values = [*counted, *(value for value in query.chosen(name) if value not in counted)]
    listed = [_facet_value(query, name, value, counted.get(value, ("", 0))) for value in values]
    order = list(known)
    listed.sort(key=lambda each: (order.index(each.value) if each.value in order else 99, each.label.lower()))
    return Facet(name, LABELS[name], tuple(listed))


def _facet_value(query: SearchQuery, name: str, value: str, counted: tuple[str, int]) -> FacetValue:
    """A value may be chosen by a click or by a typed filter; either is taken back by its link."""
    label, count = counted
    typed = [each for each in query.typed.filters if _means(each, name, value, label)]
    after = query.toggled(name, value) if value in query.chosen(name) or not typed else query
    for each in typed:
        after = after.without(each)
    chosen = bool(typed) or value in query.chosen(name)
    known = VALUE_LABELS.get(name, {}).get(value)
    return FacetValue(value, known or label or value, count, chosen, after.to_querystring())


def _means(each: Filter, facet: str, value: str, label: str) -> bool:
    """Whether a typed filter is what chooses this value of a facet."""
    said = each.value.casefold()
    if each.excluded or FACET_OF.get(each.name) != facet:
        return False
    if each.name == "fresh":
        return age_of(said) == ("<", AGES.get(value))
    if each.name == "has":
        return value == "have"
    if each.name == "tag" and "=" not in said:
        return value.casefold().startswith(f"{said}=")
    return said == value.casefold() or (each.name in NAMED and said in label.casefold())
