"""The facets of a search: values with their counts, and the search that each link leads to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.search.facet_definitions import AGES, BY_NAME, DEFINITIONS, FACETS, NESTED, FacetKind
from catalog.search.index.tokenizer import words
from catalog.search.query import FACET_OF, Filter, SearchQuery, parse_age

Count = tuple[str, str, str, int]
"""Facet, value, label, and number of documents."""
SHOWN_AT_ONCE, MAX_SHOWN = 8, 100
VALUE_LABELS = {one.name: one.value_labels for one in DEFINITIONS if one.value_labels}


@dataclass(frozen=True)
class FacetValue:
    """`querystring` is the search with this value chosen or, if it is chosen, without it."""

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
    def has_fixed_labels(self) -> bool:
        """Whether its values are words of the page, to be translated, and not names of data."""
        return self.name in VALUE_LABELS

    @property
    def first(self) -> tuple[FacetValue, ...]:
        """The chosen and the most frequent values, in their order."""
        frequent = self._list_frequent(SHOWN_AT_ONCE)
        return tuple(each for each in self.values if each.chosen or each.value in frequent)

    @property
    def rest(self) -> tuple[FacetValue, ...]:
        """Further values, `MAX_SHOWN` in all; typed filters find the others."""
        frequent = self._list_frequent(MAX_SHOWN) - {each.value for each in self.first}
        return tuple(each for each in self.values if each.value in frequent)

    @property
    def chosen_count(self) -> int:
        return sum(each.chosen for each in self.values)

    def _list_frequent(self, limit: int) -> set[str]:
        return {each.value for each in sorted(self.values, key=lambda each: -each.count)[:limit]}


def build_facets(query: SearchQuery, counts: Sequence[Count]) -> tuple[Facet, ...]:
    """Every facet in the order of the page; one without data has no values."""
    counted: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in FACETS}
    for facet, value, label, count in counts:
        if facet in counted:
            counted[facet][value] = (label, count)
    facets = []
    for name, known in counted.items():
        order = list(VALUE_LABELS.get(name, {}))
        # A chosen value that nothing has any more is still shown, so that it can be removed.
        values = [*known, *(value for value in query.chosen(name) if value not in known)]
        typed = [
            each for each in query.typed.filters if FACET_OF.get(each.name) == name and not each.excluded
        ]
        names_value = {each: _get_only_value(each, values, known) for each in typed}
        shown = [
            _build_facet_value(query, name, value, known.get(value, ("", 0)), names_value) for value in values
        ]
        shown.sort(
            key=lambda each: (order.index(each.value) if each.value in order else 99, each.label.lower())
        )
        facets.append(Facet(name, BY_NAME[name].label, tuple(shown)))
    return tuple(facets)


def _build_facet_value(
    query: SearchQuery, facet: str, value: str, known: tuple[str, int], typed: Mapping[Filter, str | None]
) -> FacetValue:
    """The link of a value replaces the typed filters of its facet. If it is chosen, by a click or by typed filters that name
    this value alone, its link removes those.
    """
    label, count = known
    is_selected = value in query.chosen(facet)
    own = [each for each, named in typed.items() if named == value]
    after = query
    for each in own if own or is_selected else typed:
        after = after.without(each)
    if is_selected or not own:
        after = after.toggled(facet, value)
    fixed_label = VALUE_LABELS.get(facet, {}).get(value)
    chosen = is_selected or bool(own)
    return FacetValue(value, fixed_label or label or value, count, chosen, after.to_querystring())


def _get_only_value(typed: Filter, values: Sequence[str], known: Mapping[str, tuple[str, int]]) -> str | None:
    """The value that a typed filter names; None if it names none or several."""
    named = [value for value in values if _build_selects(typed, value, known.get(value, ("", 0))[0])]
    return named[0] if len(named) == 1 else None


def _build_selects(typed: Filter, value: str, label: str) -> bool:
    text = typed.value.casefold()
    if typed.name == "fresh":
        return parse_age(text) == ("<", AGES.get(value))
    if typed.name == "has":
        return value == "have"
    if typed.name == "tag" and "=" not in text:
        return value.casefold().startswith(f"{text}=")
    return text == value.casefold() or (
        BY_NAME[FACET_OF[typed.name]].is_typed_by_label and text in label.casefold()
    )


# Conditions on a row of `matched`.
_CHOSEN = {one.name: one.chosen_condition for one in DEFINITIONS}
_TYPED = {
    **{one.filter_name: one.typed_condition for one in DEFINITIONS},
    "owner": """CASE WHEN id < 0 THEN EXISTS (SELECT FROM catalog_dataproduct p JOIN identity_person o ON o.id = p.owner_id
        WHERE p.id = -matched.id AND o.name ILIKE %({key}_like)s)
      ELSE EXISTS (SELECT FROM catalog_table t WHERE t.id = matched.id AND t.owner ILIKE %({key}_like)s) END""",
}
DOCUMENT_FILTERS = {
    "column": """(d.search @@ to_tsquery('simple', %({key}_words)s) AND EXISTS (
      SELECT FROM catalog_column col WHERE col.name ILIKE %({key}_like)s AND (col.table_id = d.id OR col.table_id IN (
        SELECT pt.table_id FROM catalog_producttable pt
        JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL WHERE pt.product_id = -d.id))))""",
}
"""Typed filters that are conditions on a document `d`. The vector comes first, as it has an index."""


def filter_condition(query: SearchQuery, leave_out: str = "") -> str:
    """The condition on `matched` of all filters, except those that a chosen value of the facet `leave_out` replaces."""
    chosen = [_CHOSEN[facet] for facet in FACETS if facet != leave_out and query.chosen(facet)]
    return " AND ".join([*chosen, *build_typed_conditions(query, _TYPED, leave_out)]) or "true"


def build_typed_conditions(
    query: SearchQuery, templates: Mapping[str, str], leave_out: str = ""
) -> list[str]:
    """Included filters of one name are alternatives; each excluded filter is a condition of its own."""
    included: dict[str, list[str]] = {}
    excluded = []
    for at, each in enumerate(query.typed.filters):
        is_replaced = not each.excluded and FACET_OF.get(each.name) == leave_out
        if each.name not in templates or is_replaced:
            continue
        condition = templates[each.name].format(key=f"typed_{at}")
        if each.excluded:
            excluded.append(f"NOT coalesce({condition}, false)")
        else:
            included.setdefault(each.name, []).append(condition)
    return [*(f"({' OR '.join(alternatives)})" for alternatives in included.values()), *excluded]


def filter_parameters(query: SearchQuery) -> dict[str, Any]:
    parameters: dict[str, Any] = {facet: list(query.chosen(facet)) for facet in FACETS}
    for one in NESTED:
        if one.kind == FacetKind.AGE:
            parameters[f"{one.name}_hours"] = max((AGES[age] for age in query.chosen(one.name)), default=0)
        elif one.kind == FacetKind.LEAST:
            parameters[f"{one.name}_least"] = min(map(int, query.chosen(one.name)), default=0)
    for at, each in enumerate(query.typed.filters):
        key, value = f"typed_{at}", each.value
        sign, hours = parse_age(value) or ("<", 0)
        parameters |= {
            key: value,
            f"{key}_like": f"%{escape_like(value)}%",
            f"{key}_tag": escape_like(value) if "=" in value else f"{escape_like(value)}=%",
            f"{key}_words": prefix_query(value),
            f"{key}_older": sign == ">",
            f"{key}_hours": hours,
        }
    return parameters


def prefix_query(identifier: str) -> str:
    """A tsquery for all words of an identifier, each perhaps unfinished; empty without a word."""
    return " & ".join(f"'{word.text}':*" for word in words(identifier, is_name=True))


def escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
