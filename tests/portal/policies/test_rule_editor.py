"""Rules are changed by sentences and a form, beside their YAML."""

from html import unescape
from typing import Any

import pytest
import yaml
from django.urls import reverse

from requests_app.policies.models import PolicyVersion
from requests_app.policy_engine.parsing import parse_rules
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values

RULES = """
- name: sensitive-outside
  when: {classification: [sensitive], outside: ["yes"], days: {least: 3, most: 90}}
  then:
    needs: [{role: owner, quorum: 2}, {role: privacy, step: 2}]
    fields: [{name: ticket, label: Change ticket}]
- name: no-iban
  then: {without: {columns: [iban]}, most_days: 20}
"""
SENTENCES = (
    "If the classification is sensitive, access lasts 3 to 90 days and the recipient is outside the organisation, then",
    "2 data owners, then a privacy officer must approve and the requester has to give: Change ticket.",
    "For every request: the columns iban are excluded and access ends after at most 20 days.",
)


def press(bank: Bank, do: str, rules: str = RULES, **fields: Any) -> Any:
    """A button of the editor; the fields of the rule that the page would send with it are `fields`."""
    address = reverse("policy-rules", args=[bank.domain.slug])
    sent = {"rules": rules, "note": "Sensitive data needs two.", "do": do, **build_conditions(), **fields}
    return make_client(bank.ines).post(address, sent)


def build_conditions(*lines: tuple[str, str, str]) -> dict[str, str]:
    sent = {"condition-TOTAL_FORMS": str(len(lines)), "condition-INITIAL_FORMS": "0"}
    for place, values in enumerate(lines):
        names = ("fact", "comparison", "value")
        sent |= {f"condition-{place}-{name}": value for name, value in zip(names, values, strict=True)}
    return sent


def read_rules(answer: Any) -> Any:
    return yaml.safe_load(read_form_values(answer.content.decode(), "rules-form")["rules"])


def read_text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_rules_are_shown_as_sentences(bank: Bank) -> None:
    page = read_text(press(bank, "read"))
    assert all(sentence in page for sentence in SENTENCES)


def test_a_rule_is_added_and_nothing_is_saved(bank: Bank) -> None:
    added = press(
        bank,
        "apply",
        **build_conditions(
            ("classification", "is", "private, sensitive"),
            ("environment", "not", "production"),
            ("", "is", ""),
        ),
        **{"rule-name": "by-steward", "rule-steward_quorum": "1", "rule-accept": "I delete it afterwards."},
    )
    assert (added.status_code, "by-steward is added." in read_text(added)) == (200, True)
    assert read_rules(added)[-1] == {
        "name": "by-steward",
        "when": {"classification": ["private", "sensitive"], "environment": {"not": ["production"]}},
        "then": {
            "needs": [{"role": "steward", "quorum": 1, "step": 1}],
            "accept": "I delete it afterwards.",
        },
    }
    assert not PolicyVersion.objects.exists()


def test_a_rule_that_is_opened_and_applied_stays_the_same(bank: Bank) -> None:
    opened = press(bank, "edit-0")
    sent = read_form_values(opened.content.decode(), "rules-form")
    again = make_client(bank.ines).post(
        reverse("policy-rules", args=[bank.domain.slug]), {**sent, "do": "apply-0"}
    )
    assert "sensitive-outside is changed." in read_text(again)
    assert parse_rules(read_rules(again), domain="x") == parse_rules(read_rules(opened), domain="x")
    assert read_rules(again)[0]["then"]["fields"] == [{"name": "ticket", "label": "Change ticket"}]


def test_a_rule_is_removed(bank: Bank) -> None:
    removed = press(bank, "remove-0")
    assert [rule["name"] for rule in read_rules(removed)] == ["no-iban"]
    assert "sensitive-outside is removed." in read_text(removed)


@pytest.mark.parametrize(
    ("lines", "fields", "error"),
    [
        ([], {"rule-name": "Not A Name"}, "Use lowercase letters, digits and hyphens only."),
        ([], {"rule-name": ""}, "Give the rule a name."),
        ([], {"rule-name": "empty"}, "must not be empty"),
        ([], {"rule-name": "no-iban", "rule-most_days": "9"}, "the name no-iban is used twice"),
        (
            [("days", "is", "9")],
            {"rule-name": "x", "rule-most_days": "9"},
            "Compare numbers by at least or at most, and everything else by one of or none of.",
        ),
        ([("days", "least", "a few")], {"rule-name": "x", "rule-most_days": "9"}, "Enter a whole number."),
        ([("team", "is", " , ")], {"rule-name": "x", "rule-most_days": "9"}, "Enter at least one value."),
        (
            [("", "is", "bi")],
            {"rule-name": "x", "rule-most_days": "9"},
            "Choose what the condition looks at.",
        ),
        (
            [("team", "is", "a"), ("team", "not", "b")],
            {"rule-name": "x", "rule-most_days": "9"},
            "There is a condition on this already.",
        ),
        (
            [("classification", "is", "secret")],
            {"rule-name": "x", "rule-most_days": "9"},
            "secret is not one of metadata, private, public, sensitive",
        ),
        ([], {"rule-name": "x", "rule-automatic": "on"}, "automatic: true needs a condition"),
        ([], {"rule-name": "x", "rule-owner_quorum": "9"}, "Ensure this value is less than or equal to 5."),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_place(
    bank: Bank, lines: list[tuple[str, str, str]], fields: dict[str, str], error: str
) -> None:
    refused = press(bank, "apply", **build_conditions(*lines), **fields)
    assert (refused.status_code, error in read_text(refused)) == (422, True)
    assert len(read_rules(refused)) == 2


@pytest.mark.parametrize("rules", ["- [", "name: x", "- name: Bad Name"])
def test_text_that_is_no_rules_is_kept_with_its_error(bank: Bank, rules: str) -> None:
    answer = press(bank, "read", rules)
    assert (answer.status_code, "The YAML below can't be read" in read_text(answer)) == (422, True)
    assert read_form_values(answer.content.decode(), "rules-form")["rules"].strip() == rules


@pytest.mark.parametrize("do", ["edit-99", "remove-99", "apply-99x", "drop", "", "edit-" + "9" * 4000])
def test_other_buttons_change_nothing(bank: Bank, do: str) -> None:
    answer = press(bank, do)
    assert (answer.status_code, len(read_rules(answer))) == (200, 2)


def test_who_may_not_write_the_policy_finds_no_editor(bank: Bank) -> None:
    address = reverse("policy-rules", args=[bank.domain.slug])
    assert make_client(bank.ana).post(address, {"rules": RULES, "do": "read"}).status_code == 404
    assert make_client(bank.ines).get(address)["Location"] == reverse("policy", args=[bank.domain.slug])


def test_the_edited_rules_are_saved_as_a_draft(bank: Bank) -> None:
    sent = read_form_values(press(bank, "remove-1").content.decode(), "rules-form")
    saved = make_client(bank.ines).post(reverse("policy", args=[bank.domain.slug]), sent)
    assert saved.status_code == 302
    assert [rule["name"] for rule in PolicyVersion.objects.get().rules] == ["sensitive-outside"]
