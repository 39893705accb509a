"""The form of one rule: conditions and effects, in place of its YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.pages.forms import set_choices
from requests_app.policies.rule_sentences import get_fact_names
from requests_app.policy_engine.facts import NUMBER_FACTS
from requests_app.policy_engine.parsing import (
    CLASSES,
    MAX_ACCEPT_LENGTH,
    MAX_NAME_LENGTH,
    MAX_NUMBER,
    MAX_QUORUM,
    MAX_REFUSAL_LENGTH,
    MAX_STEPS,
    NAME_PATTERN,
)
from requests_app.policy_engine.rules import DeciderRole

RuleJson = dict[str, Any]
"""A rule as `parse_rules` reads it."""
MAX_VALUES_LENGTH = 4000
COMPARISONS = {
    "is": _("is one of"),
    "not": _("is none of"),
    "least": _("is at least"),
    "most": _("is at most"),
}


ROLE_NAMES = {
    DeciderRole.OWNER: _("data owners"),
    DeciderRole.PRIVACY: _("privacy officers"),
    DeciderRole.STEWARD: _("stewards"),
    DeciderRole.LEAD: _("leads of the requesting team"),
}


@dataclass(frozen=True)
class ApprovalFields:
    """How many people of a role must approve, and in which step."""

    label: str
    quorum: forms.BoundField
    step: forms.BoundField


class ConditionForm(forms.Form):
    """One line: a fact, a comparison, and values with commas between them. Without a fact it counts as empty."""

    fact = forms.ChoiceField(required=False)
    comparison = forms.ChoiceField(choices=list(COMPARISONS.items()))
    value = forms.CharField(required=False, max_length=MAX_VALUES_LENGTH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "fact", [("", "—"), *get_fact_names().items()])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        fact, comparison = said.get("fact"), said.get("comparison")
        if not fact:
            if said.get("value"):
                self.add_error("fact", _("Choose what the condition looks at."))
        elif (fact in NUMBER_FACTS) != (comparison in {"least", "most"}):
            self.add_error(
                "comparison",
                _("Compare numbers by at least or at most, and everything else by one of or none of."),
            )
        elif fact in NUMBER_FACTS and not said.get("value", "").isdecimal():
            self.add_error("value", _("Enter a whole number."))
        elif not _split(said.get("value", "")):
            self.add_error("value", _("Enter at least one value."))
        return said


class ConditionFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    def build(self) -> dict[str, Any]:
        """`when` of the rule. An error at a second condition of the same fact, unless both are bounds."""
        when: dict[str, Any] = {}
        for form in self.forms:
            said = form.cleaned_data
            if not said.get("fact"):
                continue
            fact, comparison = said["fact"], said["comparison"]
            taken = when.get(fact)
            if fact in NUMBER_FACTS:
                when[fact] = {**(taken or {}), comparison: int(said["value"])}
            elif taken is not None:
                form.add_error("fact", _("There is a condition on this already. Put all values into one."))
            else:
                words = _split(said["value"])
                when[fact] = {"not": words} if comparison == "not" else words
        return when


def build_condition_forms(data: Mapping[str, Any] | None, rule: RuleJson) -> ConditionFormSet:
    """Three lines at least, and an empty one at the end."""
    initial = [
        {"fact": fact, "comparison": comparison, "value": value}
        for fact, condition in rule.get("when", {}).items()
        for comparison, value in _list_comparisons(condition)
    ]
    blank = max(3 - len(initial), 1)
    of_class = forms.formset_factory(ConditionForm, formset=ConditionFormSet, extra=blank, max_num=40)
    made: ConditionFormSet = of_class(data, initial=initial, prefix="condition")  # type: ignore[assignment]
    return made


class RuleForm(forms.Form):
    """The rule's name and its effects. Fields that a rule requires of the requester are kept as the YAML has them."""

    name = forms.RegexField(
        f"^{NAME_PATTERN.pattern}$",
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "required": _("Give the rule a name."),
            "invalid": _("Use lowercase letters, digits and hyphens only."),
        },
    )
    automatic = forms.BooleanField(required=False)
    keep_recreated_by = forms.CharField(required=False, max_length=MAX_VALUES_LENGTH)
    refused = forms.CharField(required=False, max_length=MAX_REFUSAL_LENGTH)
    excluded_classes = forms.MultipleChoiceField(
        choices=[(name, name) for name in ("public", "private", "sensitive") if name in CLASSES],
        required=False,
    )
    excluded_columns = forms.CharField(required=False, max_length=MAX_VALUES_LENGTH)
    most_days = forms.IntegerField(required=False, min_value=1, max_value=MAX_NUMBER)
    accept = forms.CharField(required=False, max_length=MAX_ACCEPT_LENGTH)

    def __init__(self, data: Mapping[str, Any] | None, rule: RuleJson) -> None:
        super().__init__(data, initial=_get_initial(rule), prefix="rule")
        for role in DeciderRole:
            self.fields[f"{role}_quorum"] = forms.IntegerField(
                required=False, min_value=0, max_value=MAX_QUORUM
            )
            self.fields[f"{role}_step"] = forms.IntegerField(required=False, min_value=1, max_value=MAX_STEPS)

    @property
    def approvals(self) -> list[ApprovalFields]:
        return [
            ApprovalFields(str(ROLE_NAMES[role]), self[f"{role}_quorum"], self[f"{role}_step"])
            for role in ROLE_NAMES
        ]

    @property
    def approval_errors(self) -> list[str]:
        return [
            f"{need.label}: {error}"
            for need in self.approvals
            for error in (*need.quorum.errors, *need.step.errors)
        ]

    def build(self, when: Mapping[str, Any], before: RuleJson) -> RuleJson:
        """The rule that the form says, with the fields of the rule `before` it."""
        said = self.cleaned_data
        without = {"classes": said["excluded_classes"], "columns": _split(said["excluded_columns"])}
        effects = {
            "automatic": said["automatic"],
            "keep_recreated_by": _split(said["keep_recreated_by"]),
            "needs": self._build_needs(),
            "refused": said["refused"],
            "without": {name: values for name, values in without.items() if values},
            "most_days": said["most_days"],
            "fields": before.get("then", {}).get("fields"),
            "accept": said["accept"],
        }
        then = {name: value for name, value in effects.items() if value}
        return {"name": said["name"], **({"when": dict(when)} if when else {}), "then": then}

    def _build_needs(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        return [
            {"role": role.value, "quorum": said[f"{role}_quorum"], "step": said[f"{role}_step"] or 1}
            for role in DeciderRole
            if said[f"{role}_quorum"]
        ]


def _get_initial(rule: RuleJson) -> dict[str, Any]:
    then = rule.get("then", {})
    without = then.get("without", {})
    needs = {
        f"{need['role']}_{name}": need.get(name, 1)
        for need in then.get("needs", ())
        for name in ("quorum", "step")
    }
    return {
        "name": rule.get("name", ""),
        "automatic": then.get("automatic", False),
        "keep_recreated_by": ", ".join(then.get("keep_recreated_by", [])),
        "refused": then.get("refused", ""),
        "excluded_classes": without.get("classes", []),
        "excluded_columns": ", ".join(without.get("columns", [])),
        "most_days": then.get("most_days"),
        "accept": then.get("accept", ""),
        **needs,
    }


def _list_comparisons(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(name, ", ".join(part) if name == "not" else str(part)) for name, part in value.items()]
    return [("is", ", ".join(value))]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
