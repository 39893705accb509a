"""Edits the rules of a policy one at a time: sentences and a form beside the YAML, which stays what is saved."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.errors import RefusedError
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


def open_rules(text: str, domain: str, index: int | None = None, note: str = "") -> RuleEditor:
    """The YAML in sentences, with the rule at `index` in the form."""
    try:
        rules = parse_rules(parse_yaml(text), domain=domain)
    except (RefusedError, UnreadableRuleError) as error:
        return RuleEditor(text, (), RuleForm(None, {}), build_condition_forms(None, {}), error=str(error))
    found = serialize_rules(rules)
    if index is not None and index >= len(found):
        index = None
    rule = {} if index is None else found[index]
    return RuleEditor(
        text, list_sentences(rules), RuleForm(None, rule), build_condition_forms(None, rule), index, note=note
    )


def edit_posted_rules(request: HttpRequest, domain: str) -> RuleEditor:
    """What the pressed button does to the rules in the form."""
    text = get_text_field(request, "rules")
    opened = open_rules(text, domain)
    action = ACTION.fullmatch(get_text_field(request, "do"))
    if opened.error or action is None:
        return opened
    verb, index = action[1], int(action[2]) if action[2] else None
    if verb == "apply":
        return _apply_form(request, text, domain, index)
    if verb == "remove" and index is not None and index < len(opened.sentences):
        return _remove_rule(text, domain, index)
    return open_rules(text, domain, index if verb == "edit" else None)


def _remove_rule(text: str, domain: str, index: int) -> RuleEditor:
    rules = _read(text, domain)
    name = rules.pop(index)["name"]
    return open_rules(format_yaml(rules), domain, note=_("%(name)s is removed.") % {"name": name})


def _apply_form(request: HttpRequest, text: str, domain: str, index: int | None) -> RuleEditor:
    """The rules with the one in the form: in its place, or added."""
    rules = _read(text, domain)
    if index is not None and index >= len(rules):
        index = None
    before: RuleJson = {} if index is None else rules[index]
    form, conditions = RuleForm(request.POST, before), build_condition_forms(request.POST, before)
    shown = RuleEditor(text, open_rules(text, domain).sentences, form, conditions, index)
    if not (form.is_valid() & conditions.is_valid()):
        return shown
    when = conditions.build()
    if any(conditions.errors):
        return shown
    rule = form.build(when, before)
    changed = [*rules, rule] if index is None else [*rules[:index], rule, *rules[index + 1 :]]
    try:
        found = serialize_rules(parse_rules(changed, domain=domain))
    except UnreadableRuleError as error:
        form.add_error(None, str(error))
        return shown
    words = _("%(name)s is added.") if index is None else _("%(name)s is changed.")
    return open_rules(format_yaml(found), domain, note=words % {"name": rule["name"]})


def _read(text: str, domain: str) -> list[RuleJson]:
    return serialize_rules(parse_rules(parse_yaml(text), domain=domain))


def _list_words(rule: Rule) -> Iterable[str]:
    for condition in rule.when:
        yield from condition.words
    yield from rule.then.excluded_columns
