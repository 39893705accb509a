"""Row filters with placeholders, such as `country = {country} AND is_open = true`, and their allowed values.

A template is read by the parser of row filters and compared as a tree: no text is ever put together. Values
are chosen where a column is compared by = or IN at the top, joined by AND; there fewer values, and any
further condition, show fewer rows and never more.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lakeformation.values.row_filters import (
    And,
    Comparison,
    Literal,
    Not,
    OneOf,
    Or,
    RowFilter,
    RowFilterError,
    join_with_and,
    parse_row_filter,
)

PLACEHOLDER = re.compile(r"'?\{(\w{1,40})\}'?", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """A column that must be one of these values; `name` is how the template calls it."""

    column: str
    name: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class RowTemplate:
    """Conditions that always hold, and those whose values are chosen: all joined by AND. An empty one lets all rows
    pass.
    """

    fixed: tuple[RowFilter, ...] = ()
    choices: tuple[Choice, ...] = ()


def read_template(text: str, values: Mapping[str, Sequence[str]]) -> RowTemplate:
    """The template, with the values to choose from by name, written as in a row filter or as plain text.
    RowFilterError where it cannot be read, a name has no values, or a value stands where none can be chosen.
    """
    if not text.strip():
        return RowTemplate()
    fixed: list[RowFilter] = []
    choices: list[Choice] = []
    for part in _split_conditions(parse_row_filter(PLACEHOLDER.sub(r"'{\1}'", text))):
        name = _get_choice_name(part)
        if name:
            assert isinstance(part, Comparison | OneOf)
            found = tuple(dict.fromkeys(parse_literal(text) for text in values.get(name, ()) if text.strip()))
            if not found:
                raise RowFilterError(f"{name} has no values to choose from", 1)
            choices.append(Choice(part.column, name, found))
        else:
            if any(_get_placeholder(value) for value in _list_literals(part)):
                raise RowFilterError("values can only be chosen with = or IN, joined with AND", 1)
            fixed.append(part)
    return RowTemplate(tuple(fixed), tuple(choices))


def build_row_filter(template: RowTemplate, choices: Mapping[str, Sequence[str]]) -> str:
    """The row filter with these values; empty for all rows. RowFilterError for a choice left open, or a value
    that is not offered: one is named as `str` of its literal.
    """
    parts = [
        *template.fixed,
        *(_build_condition(choice, choices.get(choice.name, ())) for choice in template.choices),
    ]
    return str(join_with_and(parts)) if parts else ""


def is_within_template(template: RowTemplate, row_filter: str) -> bool:
    """Whether every row that passes the filter passes the template with values that it offers."""
    if not template.fixed and not template.choices:
        return True
    if not row_filter:
        return False
    parts = _split_conditions(parse_row_filter(row_filter))
    fixed = all(part in parts for part in template.fixed)
    return fixed and all(any(_matches_choice(choice, part) for part in parts) for choice in template.choices)


def extract_choices(template: RowTemplate, row_filter: str) -> tuple[dict[str, list[str]], str]:
    """The values that a row filter within the template chose, by name, and what it says besides."""
    if not row_filter or not is_within_template(template, row_filter):
        return {}, row_filter
    read = parse_row_filter(row_filter)
    rest = [part for part in _split_conditions(read) if part not in template.fixed]
    chosen: dict[str, list[str]] = {}
    for choice in template.choices:
        part = next(one for one in rest if _matches_choice(choice, one))
        chosen[choice.name] = [str(value) for value in _list_literals(part)]
        rest.remove(part)
    return chosen, str(join_with_and(rest)) if rest else ""


def _split_conditions(row_filter: RowFilter) -> tuple[RowFilter, ...]:
    return row_filter.parts if isinstance(row_filter, And) else (row_filter,)


def _get_choice_name(part: RowFilter) -> str:
    """Under which the part's values are chosen; empty where they are not."""
    found = None
    if isinstance(part, Comparison) and part.sign == "=":
        found = _get_placeholder(part.value)
    elif isinstance(part, OneOf) and len(part.values) == 1 and not part.negated:
        found = _get_placeholder(part.values[0])
    return found or ""


def _get_placeholder(value: Literal) -> str | None:
    found = PLACEHOLDER.fullmatch(value.value) if value.kind == "text" else None
    return found[1] if found else None


def parse_literal(text: str) -> Literal:
    """A value as it would stand in a row filter; anything else is a text."""
    try:
        read = parse_row_filter(f"a = {text}")
    except RowFilterError:
        return Literal("text", text.strip())
    return read.value if isinstance(read, Comparison) else Literal("text", text.strip())


def _list_literals(row_filter: RowFilter) -> Iterable[Literal]:
    if isinstance(row_filter, Not):
        return _list_literals(row_filter.part)
    if isinstance(row_filter, And | Or):
        return [value for part in row_filter.parts for value in _list_literals(part)]
    found = [getattr(row_filter, field, ()) for field in ("value", "values", "low", "high", "pattern")]
    return [value for one in found for value in (one if isinstance(one, tuple) else (one,))]


def _build_condition(choice: Choice, texts: Sequence[str]) -> RowFilter:
    offered = {str(value): value for value in choice.values}
    unknown = [text for text in texts if text not in offered]
    if unknown or not texts:
        what = f"{unknown[0][:40]} is not offered" if unknown else "nothing is selected"
        raise RowFilterError(f"{what} for {choice.name}", 1)
    values = tuple(offered[text] for text in dict.fromkeys(texts))
    return Comparison(choice.column, "=", values[0]) if len(values) == 1 else OneOf(choice.column, values)


def _matches_choice(choice: Choice, part: RowFilter) -> bool:
    if isinstance(part, Comparison):
        return part.column == choice.column and part.sign == "=" and part.value in choice.values
    if isinstance(part, OneOf):
        same = part.column == choice.column and not part.negated
        return same and set(part.values) <= set(choice.values)
    return False
