"""Edits the rules of a policy one at a time: sentences and a form beside the YAML, which stays what is saved."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from portal.pages.post_fields import get_text_field
from portal.policies.rule_forms import ConditionFormSet, RuleForm, RuleJson, build_condition_forms
from requests_app.policies.rule_sentences import describe_rule
from requests_app.policy_editing.yaml_format import format_yaml, parse_yaml
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules
from requests_app.policy_engine.rules import Rule

ACTION = re.compile(r"(edit|remove|apply|read)-?(\d{0,3})")


@dataclass(frozen=True)
class Sentence:
    """A rule in words. A value with a comma fits no field of the form: such a rule is edited as YAML."""

    name: str
    text: str
    fits_form: bool


@dataclass(frozen=True)
class RuleEditor:
    """`text` is the YAML; `index` is of the rule in the form, None for a new one; `note` says what was done."""

    text: str
    sentences: tuple[Sentence, ...]
    rule: RuleForm
    conditions: ConditionFormSet
    index: int | None = None
    error: str = ""
    note: str = ""

    @property
    def is_form_open(self) -> bool:
        return self.index is not None or self.has_errors or not self.sentences

    @property
    def has_errors(self) -> bool:
        return bool(self.error or self.rule.errors or any(self.conditions.errors))


def list_sentences(rules: Iterable[Rule]) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(rule.name, describe_rule(rule), not any("," in word for word in _list_words(rule)))
        for rule in rules
    )


def open_rules(text: str, domain: str) -> RuleEditor:
    """The YAML in sentences, with an empty form."""
    try:
        return _show_rules(text, _parse(text, domain))
    except (RefusedError, UnreadableRuleError) as error:
        return _show_error(text, error)


def edit_posted_rules(request: HttpRequest, domain: str) -> RuleEditor:
    """What the pressed button does to the rules in the form."""
    text, action = get_text_field(request, "rules"), ACTION.fullmatch(get_text_field(request, "do"))
    try:
        rules = _parse(text, domain)
    except (RefusedError, UnreadableRuleError) as error:
        return _show_error(text, error)
    if action is None:
        return _show_rules(text, rules)
    verb, index = action[1], int(action[2]) if action[2] else len(rules)
    known = index if index < len(rules) else None
    if verb == "apply":
        return _apply_form(request, text, rules, domain, known)
    if verb == "remove" and known is not None:
        others = rules[:known] + rules[known + 1 :]
        return _write_rules(others, _("%(name)s is removed.") % {"name": rules[known].name})
    return _show_rules(text, rules, known if verb == "edit" else None)


def _parse(text: str, domain: str) -> tuple[Rule, ...]:
    return parse_rules(parse_yaml(text), domain=domain)


def _show_error(text: str, error: Exception) -> RuleEditor:
    return RuleEditor(text, (), RuleForm(None, {}), build_condition_forms(None, {}), error=str(error))


def _show_rules(text: str, rules: tuple[Rule, ...], index: int | None = None, note: str = "") -> RuleEditor:
    """With the rule at `index` in the form."""
    rule = {} if index is None else serialize_rules(rules)[index]
    conditions = build_condition_forms(None, rule)
    return RuleEditor(text, list_sentences(rules), RuleForm(None, rule), conditions, index, note=note)


def _write_rules(rules: tuple[Rule, ...], note: str) -> RuleEditor:
    return _show_rules(format_yaml(serialize_rules(rules)), rules, note=note)


def _apply_form(
    request: HttpRequest, text: str, rules: tuple[Rule, ...], domain: str, index: int | None
) -> RuleEditor:
    """The rules with the one in the form: in its place, or added."""
    found = serialize_rules(rules)
    before: RuleJson = {} if index is None else found[index]
    form, conditions = RuleForm(request.POST, before), build_condition_forms(request.POST, before)
    shown = RuleEditor(text, list_sentences(rules), form, conditions, index)
    if not (form.is_valid() & conditions.is_valid()):
        return shown
    when = conditions.build()
    if any(conditions.errors):
        return shown
    rule = form.build(when, before)
    changed = [*found, rule] if index is None else [*found[:index], rule, *found[index + 1 :]]
    try:
        applied = parse_rules(changed, domain=domain)
    except UnreadableRuleError as error:
        form.add_error(None, str(error))
        return shown
    words = _("%(name)s is added.") if index is None else _("%(name)s is changed.")
    return _write_rules(applied, words % {"name": rule["name"]})


def _list_words(rule: Rule) -> Iterable[str]:
    for condition in rule.when:
        yield from condition.words
    yield from rule.then.excluded_columns
    yield from rule.then.keep_recreated_by
