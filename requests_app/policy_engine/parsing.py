"""Policies from plain data (YAML, JSON) and back; errors name the place."""

import re
from collections.abc import Mapping
from typing import Any

from requests_app.policy_engine.demands import Demands, Field, is_pattern
from requests_app.policy_engine.facts import NUMBERS, SAID, TAGGED, WORDS
from requests_app.policy_engine.rules import Condition, Effect, Need, Role, Rule

MOST_RULES, MOST_WORDS, LONGEST_WORD, LONGEST_REFUSAL, GREATEST = 100, 100, 400, 500, 100_000
MOST_PEOPLE, MOST_STEPS = 5, 5
MOST_FIELDS, LONGEST_TEXT = 5, 4000
CLASSES = frozenset({"public", "private", "sensitive"})
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 60
FIXED_WORDS = {
    "classification": CLASSES | {"metadata"},
    "extent": frozenset({"columns", "rows", "whole", "metadata", "tags", "database", "account"}),
    "environment": frozenset({"production", "sandbox"}),
    "outside": frozenset({"yes", "no"}),
    "widened": frozenset({"yes", "no"}),
}
"""Facts whose words are known: another one would never fire, and nobody would see why."""


class UnreadableRuleError(ValueError):
    """The data is no rules. `str()` says where and what is wrong."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")


def read_rules(data: Any, *, domain: str = "", version: int = 0) -> tuple[Rule, ...]:
    """The rules of one policy. UnreadableRuleError. A global policy (`domain` empty) says yes to nothing."""
    if not isinstance(data, list) or len(data) > MOST_RULES:
        raise UnreadableRuleError("rules", f"a list of {MOST_RULES} rules at most is needed")
    rules = tuple(_rule(one, f"rule {place}", domain, version) for place, one in enumerate(data, start=1))
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableRuleError("rules", f"the name {twice[0]} stands there twice")
    return rules


def _rule(data: Any, place: str, domain: str, version: int) -> Rule:
    found = _mapping(data, place, {"name", "when", "then"})
    name = _name(found.get("name"), place)
    place = f"rule {name}"
    conditions = _mapping(found.get("when", {}), f"{place}, when", {*WORDS, *NUMBERS})
    when = tuple(_condition(fact, value, f"{place}, {fact}") for fact, value in sorted(conditions.items()))
    then = _effect(found.get("then"), f"{place}, then")
    if then.automatic and not domain:
        raise UnreadableRuleError(
            place, "only a domain says yes by itself: a global rule tightens or refuses"
        )
    if then.automatic and not when:
        raise UnreadableRuleError(place, "a yes by itself needs a condition")
    if then.automatic and (free := sorted(SAID & conditions.keys())):
        raise UnreadableRuleError(place, f"a yes by itself cannot rest on what the asker types: {free[0]}")
    return Rule(name, when, then, domain, version)


def _condition(fact: str, value: Any, place: str) -> Condition:
    if fact in NUMBERS:
        bounds = _mapping(value, place, {"least", "most"})
        numbers = {name: _number(number, place, GREATEST, 0) for name, number in bounds.items()}
        if not numbers:
            raise UnreadableRuleError(place, "least, most or both are needed")
        return Condition(fact, least=numbers.get("least"), most=numbers.get("most"))
    negated = isinstance(value, Mapping)
    if negated:
        value = _mapping(value, place, {"not"}).get("not")
    words = frozenset(_words(value, place))
    if unknown := sorted(words - FIXED_WORDS.get(fact, words)):
        raise UnreadableRuleError(place, f"{unknown[0]} is not one of {', '.join(sorted(FIXED_WORDS[fact]))}")
    if fact in TAGGED and (plain := sorted(word for word in words if "=" not in word[1:])):
        raise UnreadableRuleError(place, f"{plain[0]} is no tag: key=value is needed")
    return Condition(fact, words, negated)


def _effect(data: Any, place: str) -> Effect:
    found = _mapping(
        data, place, {"automatic", "needs", "refused", "without", "most_days", "fields", "accept"}
    )
    if not found:
        raise UnreadableRuleError(place, "it says nothing")
    if "automatic" in found:
        if found != {"automatic": True}:
            raise UnreadableRuleError(place, "automatic: true stands alone")
        return Effect(automatic=True)
    without = _mapping(found.get("without", {}), f"{place}, without", {"classes", "columns"})
    classes = frozenset(_words(without["classes"], place)) if "classes" in without else frozenset()
    if unknown := sorted(classes - CLASSES):
        raise UnreadableRuleError(place, f"{unknown[0]} is not one of {', '.join(sorted(CLASSES))}")
    days = found.get("most_days")
    return Effect(
        needs=_needs(found["needs"], f"{place}, needs") if "needs" in found else (),
        refused=_text(found["refused"], f"{place}, refused", LONGEST_REFUSAL) if "refused" in found else "",
        without_classes=classes,
        without_columns=frozenset(_words(without["columns"], place)) if "columns" in without else frozenset(),
        most_days=None if days is None else _number(days, place, GREATEST),
        demands=_demands(found, place),
    )


def _demands(found: Mapping[str, Any], place: str) -> Demands:
    fields = found.get("fields", [])
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS:
        raise UnreadableRuleError(place, f"fields is a list of {MOST_FIELDS} at most")
    read = tuple(_field(one, f"{place}, fields") for one in fields)
    if len({field.name for field in read}) < len(read):
        raise UnreadableRuleError(place, "each field stands there once")
    text = (_text(found["accept"], f"{place}, accept", LONGEST_TEXT),) if "accept" in found else ()
    return Demands(tuple(sorted(read)), text)


def _field(data: Any, place: str) -> Field:
    found = _mapping(data, place, {"name", "label", "pattern", "help"})
    name = _name(found.get("name"), place)
    words = {
        word: _text(found[word], f"{place}, {name}, {word}", LONGEST_REFUSAL)
        for word in ("label", "pattern", "help")
        if word in found
    }
    if not is_pattern(words.get("pattern", "x")):
        raise UnreadableRuleError(
            f"{place}, {name}, pattern",
            "characters and [classes] with ?, *, + or {2,4} are needed, three of these at most, and no groups",
        )
    return Field(name, **({"label": name.replace("-", " ")} | words))


def _needs(data: Any, place: str) -> tuple[Need, ...]:
    if not isinstance(data, list) or not 0 < len(data) <= len(Role):
        raise UnreadableRuleError(place, f"a list of 1 to {len(Role)} roles is needed")
    needs = tuple(_need(one, place) for one in data)
    if len({need.role for need in needs}) < len(needs):
        raise UnreadableRuleError(place, "each role stands there once, with its quorum")
    return needs


def _need(data: Any, place: str) -> Need:
    found = _mapping(data, place, {"role", "quorum", "step"})
    if found.get("role") not in set(Role):
        raise UnreadableRuleError(place, f"role is one of {', '.join(Role)}")
    quorum = _number(found.get("quorum", 1), place, MOST_PEOPLE)
    return Need(Role(found["role"]), quorum, _number(found.get("step", 1), place, MOST_STEPS))


def _name(data: Any, place: str) -> str:
    if not isinstance(data, str) or not NAME.fullmatch(data) or len(data) > LONGEST_NAME:
        raise UnreadableRuleError(place, "a name in small letters, digits and hyphens is needed")
    return data


def _text(data: Any, place: str, most: int) -> str:
    text = data.strip() if isinstance(data, str) else ""
    if not 0 < len(text) <= most:
        raise UnreadableRuleError(place, f"1 to {most} characters are needed")
    return text


def _mapping(data: Any, place: str, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise UnreadableRuleError(place, f"names with values are needed: {', '.join(sorted(allowed))}")
    if unknown := sorted(str(name) for name in data if name not in allowed):
        raise UnreadableRuleError(
            place, f"there is no {unknown[0][:40]}; there are {', '.join(sorted(allowed))}"
        )
    return data


def _words(data: Any, place: str) -> list[str]:
    """One word or several. YAML reads yes and no as truth: they are taken as the words."""
    values = data if isinstance(data, list) else [data]
    words = [{True: "yes", False: "no"}[one] if isinstance(one, bool) else one for one in values]
    if not 0 < len(words) <= MOST_WORDS:
        raise UnreadableRuleError(place, f"1 to {MOST_WORDS} words are needed")
    if any(not isinstance(one, str) or not 0 < len(one) <= LONGEST_WORD for one in words):
        raise UnreadableRuleError(place, "words are needed; write a number in quotes")
    return words


def _number(data: Any, place: str, most: int, least: int = 1) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or not least <= data <= most:
        raise UnreadableRuleError(place, f"a whole number from {least} to {most} is needed")
    return data


def as_data(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """Plain JSON that `read_rules` reads as the same rules: how they are kept and compared."""
    return [{"name": rule.name, **_conditions(rule), "then": _says(rule.then)} for rule in rules]


def _conditions(rule: Rule) -> dict[str, Any]:
    return {"when": {one.fact: _looks(one) for one in rule.when}} if rule.when else {}


def _looks(one: Condition) -> Any:
    if not one.words:
        return {name: n for name, n in (("least", one.least), ("most", one.most)) if n is not None}
    return {"not": sorted(one.words)} if one.negated else sorted(one.words)


def _says(then: Effect) -> dict[str, Any]:
    if then.automatic:
        return {"automatic": True}
    without = {"classes": sorted(then.without_classes), "columns": sorted(then.without_columns)}
    said = {
        "needs": [{"role": n.role.value, "quorum": n.quorum, "step": n.step} for n in then.needs],
        "refused": then.refused,
        "without": {name: words for name, words in without.items() if words},
        "most_days": then.most_days,
        "fields": [_plain(field) for field in then.demands.fields],
        "accept": "".join(then.demands.texts),
    }
    return {name: value for name, value in said.items() if value}


def _plain(field: Field) -> dict[str, str]:
    words = {"name": field.name, "label": field.label, "pattern": field.pattern, "help": field.help}
    return {name: word for name, word in words.items() if word}
