"""Policies from plain data (YAML, JSON) and back; errors name the place."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from requests_app.policy_engine.facts import FREE_TEXT_FACTS, NUMBER_FACTS, SLUG_FACTS, TAG_FACTS, WORD_FACTS
from requests_app.policy_engine.rules import (
    DeciderRole,
    RequiredApproval,
    RequiredField,
    RequiredInformation,
    Rule,
    RuleCondition,
    RuleEffect,
    is_safe_pattern,
)

MAX_RULES, MAX_WORDS, MAX_WORD_LENGTH, MAX_REFUSAL_LENGTH, MAX_NUMBER = 100, 100, 400, 500, 100_000
MAX_QUORUM, MAX_STEPS = 5, 5
MAX_FIELDS, MAX_ACCEPT_LENGTH = 5, 4000
CLASSES = frozenset({"public", "private", "sensitive"})
NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_NAME_LENGTH = 60
ROLE_ARN_PATTERN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
EXTENT_WORDS = {"rows", "account"}
"""Each kind of target adds its own (`requests_app.access_requests.item_targets.register_target`)."""
ALLOWED_WORDS: dict[str, AbstractSet[str]] = {
    "classification": CLASSES | {"metadata"},
    "extent": EXTENT_WORDS,
    "environment": frozenset({"production", "sandbox"}),
    "outside": frozenset({"yes", "no"}),
    "widened": frozenset({"yes", "no"}),
}
"""Facts whose words are known: another one would never fire, and nobody would see why."""


class UnreadableRuleError(ValueError):
    """The data is no rules. `str()` says where and what is wrong."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")


def parse_rules(data: Any, *, domain: str = "", version: int = 0) -> tuple[Rule, ...]:
    """The rules of one policy. UnreadableRuleError. A global policy (`domain` empty) approves nothing."""
    if not isinstance(data, list) or len(data) > MAX_RULES:
        raise UnreadableRuleError("rules", f"must be a list of at most {MAX_RULES} rules")
    rules = tuple(
        _parse_rule(one, f"rule {place}", domain, version) for place, one in enumerate(data, start=1)
    )
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableRuleError("rules", f"the name {twice[0]} is used twice")
    return rules


def _parse_rule(data: Any, place: str, domain: str, version: int) -> Rule:
    found = _check_mapping(data, place, {"name", "when", "then"})
    name = _parse_name(found.get("name"), place)
    place = f"rule {name}"
    conditions = _check_mapping(found.get("when", {}), f"{place}, when", {*WORD_FACTS, *NUMBER_FACTS})
    when = tuple(
        _parse_condition(fact, value, f"{place}, {fact}") for fact, value in sorted(conditions.items())
    )
    then = _parse_effect(found.get("then"), f"{place}, then")
    if then.automatic and not domain:
        raise UnreadableRuleError(
            place, "only a domain's own policy can have automatic: true; global rules only restrict or reject"
        )
    if then.keep_recreated_by and (conditions or not domain):
        raise UnreadableRuleError(
            place,
            "keep_recreated_by is for a domain's own policy, without conditions: it says nothing of requests",
        )
    if then.automatic and not when:
        raise UnreadableRuleError(place, "automatic: true needs a condition")
    if then.automatic and (free := sorted(FREE_TEXT_FACTS & conditions.keys())):
        raise UnreadableRuleError(
            place, f"automatic: true can't depend on what the requester types: {free[0]}"
        )
    return Rule(name, when, then, domain, version)


def _parse_condition(fact: str, value: Any, place: str) -> RuleCondition:
    if fact in NUMBER_FACTS:
        bounds = _check_mapping(value, place, {"least", "most"})
        numbers = {name: _parse_number(number, place, MAX_NUMBER, 0) for name, number in bounds.items()}
        if not numbers:
            raise UnreadableRuleError(place, "needs least, most or both")
        return RuleCondition(fact, minimum=numbers.get("least"), maximum=numbers.get("most"))
    negated = isinstance(value, Mapping)
    if negated:
        value = _check_mapping(value, place, {"not"}).get("not")
    words = frozenset(_parse_words(value, place))
    if fact in SLUG_FACTS:
        words = frozenset(map(str.lower, words))
    if unknown := sorted(words - ALLOWED_WORDS.get(fact, words)):
        raise UnreadableRuleError(
            place, f"{unknown[0]} is not one of {', '.join(sorted(ALLOWED_WORDS[fact]))}"
        )
    if fact in TAG_FACTS and (plain := sorted(word for word in words if "=" not in word[1:])):
        raise UnreadableRuleError(place, f"{plain[0]} is not a tag in the form key=value")
    return RuleCondition(fact, words, negated)


def _parse_effect(data: Any, place: str) -> RuleEffect:
    found = _check_mapping(
        data,
        place,
        {"automatic", "keep_recreated_by", "needs", "refused", "without", "most_days", "fields", "accept"},
    )
    if not found:
        raise UnreadableRuleError(place, "must not be empty")
    if "automatic" in found:
        if found != {"automatic": True}:
            raise UnreadableRuleError(place, "automatic: true can't be combined with anything else")
        return RuleEffect(automatic=True)
    if "keep_recreated_by" in found:
        return _parse_keeping(found, place)
    without = _check_mapping(found.get("without", {}), f"{place}, without", {"classes", "columns"})
    classes = frozenset(_parse_words(without["classes"], place)) if "classes" in without else frozenset()
    if unknown := sorted(classes - CLASSES):
        raise UnreadableRuleError(place, f"{unknown[0]} is not one of {', '.join(sorted(CLASSES))}")
    days = found.get("most_days")
    return RuleEffect(
        needs=_parse_required_approvals(found["needs"], f"{place}, needs") if "needs" in found else (),
        refusal=_parse_text(found["refused"], f"{place}, refused", MAX_REFUSAL_LENGTH)
        if "refused" in found
        else "",
        excluded_classifications=classes,
        excluded_columns=frozenset(_parse_words(without["columns"], place))
        if "columns" in without
        else frozenset(),
        most_days=None if days is None else _parse_number(days, place, MAX_NUMBER),
        required_information=_parse_required_information(found, place),
    )


def _parse_keeping(found: Mapping[str, Any], place: str) -> RuleEffect:
    if len(found) > 1:
        raise UnreadableRuleError(place, "keep_recreated_by can't be combined with anything else")
    place = f"{place}, keep_recreated_by"
    arns = frozenset(_parse_words(found["keep_recreated_by"], place))
    if wrong := sorted(arn for arn in arns if not ROLE_ARN_PATTERN.fullmatch(arn)):
        raise UnreadableRuleError(place, f"{wrong[0]} is not the ARN of a role")
    return RuleEffect(keep_recreated_by=arns)


def _parse_required_information(found: Mapping[str, Any], place: str) -> RequiredInformation:
    fields = found.get("fields", [])
    if not isinstance(fields, list) or len(fields) > MAX_FIELDS:
        raise UnreadableRuleError(place, f"must be a list of at most {MAX_FIELDS} fields")
    read = tuple(_parse_field(field, f"{place}, fields") for field in fields)
    if len({field.name for field in read}) < len(read):
        raise UnreadableRuleError(place, "each field can appear only once")
    text = (_parse_text(found["accept"], f"{place}, accept", MAX_ACCEPT_LENGTH),) if "accept" in found else ()
    return RequiredInformation(tuple(sorted(read)), text)


def _parse_field(data: Any, place: str) -> RequiredField:
    found = _check_mapping(data, place, {"name", "label", "pattern", "help"})
    name = _parse_name(found.get("name"), place)
    words = {
        word: _parse_text(found[word], f"{place}, {name}, {word}", MAX_REFUSAL_LENGTH)
        for word in ("label", "pattern", "help")
        if word in found
    }
    if not is_safe_pattern(words.get("pattern", "x")):
        raise UnreadableRuleError(
            f"{place}, {name}, pattern",
            "can only use characters and [classes] with at most three of ?, *, + or {2,4}, and no groups",
        )
    return RequiredField(name, **({"label": name.replace("-", " ")} | words))


def _parse_required_approvals(data: Any, place: str) -> tuple[RequiredApproval, ...]:
    if not isinstance(data, list) or not 0 < len(data) <= len(DeciderRole):
        raise UnreadableRuleError(place, f"must be a list of 1 to {len(DeciderRole)} roles")
    needs = tuple(_parse_required_approval(one, place) for one in data)
    if len({need.role for need in needs}) < len(needs):
        raise UnreadableRuleError(place, "each role can appear only once, with its quorum")
    return needs


def _parse_required_approval(data: Any, place: str) -> RequiredApproval:
    found = _check_mapping(data, place, {"role", "quorum", "step"})
    if found.get("role") not in set(DeciderRole):
        raise UnreadableRuleError(place, f"role must be one of {', '.join(DeciderRole)}")
    quorum = _parse_number(found.get("quorum", 1), place, MAX_QUORUM)
    return RequiredApproval(
        DeciderRole(found["role"]), quorum, _parse_number(found.get("step", 1), place, MAX_STEPS)
    )


def _parse_name(data: Any, place: str) -> str:
    if not isinstance(data, str) or not NAME_PATTERN.fullmatch(data) or len(data) > MAX_NAME_LENGTH:
        raise UnreadableRuleError(place, "the name can only have lowercase letters, digits and hyphens")
    return data


def _parse_text(data: Any, place: str, most: int) -> str:
    text = data.strip() if isinstance(data, str) else ""
    if not 0 < len(text) <= most:
        raise UnreadableRuleError(place, f"must have 1 to {most} characters")
    return text


def _check_mapping(data: Any, place: str, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise UnreadableRuleError(place, f"must be a mapping with these names: {', '.join(sorted(allowed))}")
    if unknown := sorted(str(name) for name in data if name not in allowed):
        raise UnreadableRuleError(
            place, f"{unknown[0][:40]} is not allowed; use {', '.join(sorted(allowed))}"
        )
    return data


def _parse_words(data: Any, place: str) -> list[str]:
    """One word or several. YAML reads yes and no as truth: they are taken as the words."""
    values = data if isinstance(data, list) else [data]
    words = [{True: "yes", False: "no"}[one] if isinstance(one, bool) else one for one in values]
    if not 0 < len(words) <= MAX_WORDS:
        raise UnreadableRuleError(place, f"must have 1 to {MAX_WORDS} values")
    if any(not isinstance(word, str) or not 0 < len(word) <= MAX_WORD_LENGTH for word in words):
        raise UnreadableRuleError(place, "values must be text; write numbers in quotes")
    return words


def _parse_number(data: Any, place: str, most: int, least: int = 1) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or not least <= data <= most:
        raise UnreadableRuleError(place, f"must be a whole number from {least} to {most}")
    return data


def serialize_rules(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """Plain JSON that `parse_rules` reads as the same rules: how they are kept and compared."""
    return [
        {"name": rule.name, **_serialize_conditions(rule), "then": _serialize_effect(rule.then)}
        for rule in rules
    ]


def _serialize_conditions(rule: Rule) -> dict[str, Any]:
    return {"when": {one.fact: _serialize_condition(one) for one in rule.when}} if rule.when else {}


def _serialize_condition(one: RuleCondition) -> Any:
    if not one.words:
        return {name: n for name, n in (("least", one.minimum), ("most", one.maximum)) if n is not None}
    return {"not": sorted(one.words)} if one.negated else sorted(one.words)


def _serialize_effect(then: RuleEffect) -> dict[str, Any]:
    if then.automatic:
        return {"automatic": True}
    if then.keep_recreated_by:
        return {"keep_recreated_by": sorted(then.keep_recreated_by)}
    without = {"classes": sorted(then.excluded_classifications), "columns": sorted(then.excluded_columns)}
    parts = {
        "needs": [{"role": n.role.value, "quorum": n.quorum, "step": n.step} for n in then.needs],
        "refused": then.refusal,
        "without": {name: words for name, words in without.items() if words},
        "most_days": then.most_days,
        "fields": [_serialize_field(field) for field in then.required_information.fields],
        "accept": "".join(then.required_information.texts),
    }
    return {name: value for name, value in parts.items() if value}


def _serialize_field(field: RequiredField) -> dict[str, str]:
    words = {"name": field.name, "label": field.label, "pattern": field.pattern, "help": field.help}
    return {name: word for name, word in words.items() if word}
