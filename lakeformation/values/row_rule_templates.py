"""Row rules with values to choose: `country = {country} AND is_open = true`, with the values that may be chosen.

A template is read by the parser of row rules and compared as a tree: no text is ever put together. Values are chosen
where a column is compared by = or IN at the top, joined by AND; there fewer values, and any further condition, show
fewer rows and never more.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lakeformation.values.row_rule_parser import RowRuleError, parse
from lakeformation.values.row_rules import All, Comparison, Literal, Not, OneOf, Rule, Some, all_of

PLACE = re.compile(r"'?\{(\w{1,40})\}'?", re.ASCII)


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

    fixed: tuple[Rule, ...] = ()
    choices: tuple[Choice, ...] = ()


def read_template(text: str, values: Mapping[str, Sequence[str]]) -> RowTemplate:
    """The template, with the values that may be chosen under each name, written as in a row rule or as plain text.
    RowRuleError where it cannot be read, a name has no values, or a value stands where none can be chosen.
    """
    if not text.strip():
        return RowTemplate()
    fixed: list[Rule] = []
    choices: list[Choice] = []
    for part in _parts(parse(PLACE.sub(r"'{\1}'", text))):
        name = _name(part)
        if name:
            assert isinstance(part, Comparison | OneOf)
            choices.append(Choice(part.column, name, _values(name, values)))
        else:
            _check_fixed(part)
            fixed.append(part)
    return RowTemplate(tuple(fixed), tuple(choices))


def rule_of(template: RowTemplate, chosen: Mapping[str, Sequence[str]]) -> str:
    """The row rule with these of the values; empty for all rows. RowRuleError for a choice left open, or a value
    that is not offered: one is named as `str` of its literal.
    """
    parts = [*template.fixed, *(_chosen(choice, chosen.get(choice.name, ())) for choice in template.choices)]
    return str(all_of(parts)) if parts else ""


def lies_within(template: RowTemplate, rule: str) -> bool:
    """Whether every row that passes the rule passes the template with values that it offers."""
    if not template.fixed and not template.choices:
        return True
    if not rule:
        return False
    parts = _parts(parse(rule))
    fixed = all(part in parts for part in template.fixed)
    return fixed and all(any(_fits(choice, part) for part in parts) for choice in template.choices)


def chosen_in(template: RowTemplate, rule: str) -> tuple[dict[str, list[str]], str]:
    """Of a rule that lies within the template: the values that were chosen, by name, and what it says besides."""
    if not rule or not lies_within(template, rule):
        return {}, rule
    read = parse(rule)
    rest = [part for part in _parts(read) if part not in template.fixed]
    chosen: dict[str, list[str]] = {}
    for choice in template.choices:
        part = next(one for one in rest if _fits(choice, one))
        chosen[choice.name] = [str(value) for value in _literals(part)]
        rest.remove(part)
    return chosen, str(all_of(rest)) if rest else ""


def _parts(rule: Rule) -> tuple[Rule, ...]:
    return rule.parts if isinstance(rule, All) else (rule,)


def _name(part: Rule) -> str:
    """Under which the part's values are chosen; empty where they are not."""
    found = None
    if isinstance(part, Comparison) and part.sign == "=":
        found = _place(part.value)
    elif isinstance(part, OneOf) and len(part.values) == 1 and not part.negated:
        found = _place(part.values[0])
    return found or ""


def _place(value: Literal) -> str | None:
    found = PLACE.fullmatch(value.value) if value.kind == "text" else None
    return found[1] if found else None


def _values(name: str, values: Mapping[str, Sequence[str]]) -> tuple[Literal, ...]:
    found = tuple(dict.fromkeys(literal_of(text) for text in values.get(name, ()) if text.strip()))
    if not found:
        raise RowRuleError(f"{name} has no values to choose from", 1)
    return found


def literal_of(text: str) -> Literal:
    """A value as it would stand in a row rule; anything else is a text."""
    try:
        read = parse(f"a = {text}")
    except RowRuleError:
        return Literal("text", text.strip())
    return read.value if isinstance(read, Comparison) else Literal("text", text.strip())


def _check_fixed(part: Rule) -> None:
    if any(_place(value) for value in _literals(part)):
        raise RowRuleError("values can only be chosen with = or IN, joined with AND", 1)


def _literals(rule: Rule) -> Iterable[Literal]:
    if isinstance(rule, Not):
        return _literals(rule.part)
    if isinstance(rule, All | Some):
        return [value for part in rule.parts for value in _literals(part)]
    found = [getattr(rule, field, ()) for field in ("value", "values", "low", "high", "pattern")]
    return [value for one in found for value in (one if isinstance(one, tuple) else (one,))]


def _chosen(choice: Choice, texts: Sequence[str]) -> Rule:
    offered = {str(value): value for value in choice.values}
    unknown = [text for text in texts if text not in offered]
    if unknown or not texts:
        what = f"{unknown[0][:40]} is not offered" if unknown else "nothing is selected"
        raise RowRuleError(f"{what} for {choice.name}", 1)
    values = tuple(offered[text] for text in dict.fromkeys(texts))
    return Comparison(choice.column, "=", values[0]) if len(values) == 1 else OneOf(choice.column, values)


def _fits(choice: Choice, part: Rule) -> bool:
    if isinstance(part, Comparison):
        return part.column == choice.column and part.sign == "=" and part.value in choice.values
    if isinstance(part, OneOf):
        same = part.column == choice.column and not part.negated
        return same and set(part.values) <= set(choice.values)
    return False
