"""Rules as people write them: read, kept the same, and what is wrong said with its place."""

from typing import Any

import pytest

from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules

NEEDS = {"needs": [{"role": "privacy", "quorum": 2, "step": 2}, {"role": "owner"}]}
SENSITIVE = {"name": "sensitive", "when": {"classification": "sensitive", "outside": True}, "then": NEEDS}
LONG = {
    "name": "long",
    "when": {"days": {"least": 91}, "environment": {"not": ["production"]}},
    "then": {"refused": "Ask for a quarter at most.", "without": {"classes": ["sensitive"]}, "most_days": 90},
}
TICKET = {"name": "ticket", "label": "Change ticket", "pattern": "[A-Z]{2,5}-[0-9]+"}
ASKING = {
    "name": "ticket",
    "then": {"fields": [TICKET, {"name": "legal-basis"}], "accept": "For the report alone."},
}
AT_ONCE = {"name": "at-once", "when": {"extent": "metadata"}, "then": {"automatic": True}}


def test_what_is_read_is_kept_the_same() -> None:
    rules = parse_rules([SENSITIVE, LONG, ASKING, AT_ONCE], domain="insurance", version=3)
    assert parse_rules(serialize_rules(rules), domain="insurance", version=3) == rules
    assert serialize_rules(rules)[0]["when"] == {"classification": ["sensitive"], "outside": ["yes"]}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("words", "rule 1: must be a mapping"),
        ({"name": "Not a name", "then": NEEDS}, "rule 1: the name can only have"),
        ({**SENSITIVE, "whenn": {}}, "rule 1: whenn is not allowed"),
        ({**SENSITIVE, "when": {"colour": "red"}}, "rule sensitive, when: colour is not allowed"),
        ({**SENSITIVE, "when": {"classification": "secret"}}, "secret is not one of"),
        ({**SENSITIVE, "when": {"account": 111122223333}}, "write numbers in quotes"),
        ({**SENSITIVE, "when": {"team": []}}, "1 to 100 values"),
        ({**SENSITIVE, "when": {"team": {"nott": "bi"}}}, "nott is not allowed"),
        ({**SENSITIVE, "when": {"days": 9}}, "must be a mapping"),
        ({**SENSITIVE, "when": {"days": {"least": -1}}}, "a whole number from 0"),
        ({**SENSITIVE, "then": {}}, "must not be empty"),
        ({**SENSITIVE, "then": {"needs": [{"role": "boss"}]}}, "role must be one of"),
        ({**SENSITIVE, "then": {"needs": [{"role": "owner"}, {"role": "owner"}]}}, "each role can appear only once"),
        ({**SENSITIVE, "then": {"refused": " "}}, "1 to 500 characters"),
        ({**SENSITIVE, "then": {"automatic": True, "most_days": 9}}, "automatic: true can't be combined with anything else"),
        ({**ASKING, "then": {"fields": "ticket"}}, "must be a list of at most 5 fields"),
        ({**ASKING, "then": {"fields": [TICKET, TICKET]}}, "each field can appear only once"),
        ({**ASKING, "then": {"fields": [{"label": "Ticket"}]}}, "then, fields: the name can only have"),
        ({**ASKING, "then": {"fields": [{**TICKET, "pattern": "(a+)+"}]}}, "fields, ticket, pattern: can only use characters and"),
        ({**ASKING, "then": {"accept": ""}}, "then, accept: must have 1 to 4000 characters"),
        ({**AT_ONCE, "when": {}}, "needs a condition"),
        ({**AT_ONCE, "when": {"purpose": "audit"}}, "depend on what the requester types"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(rule: Any, said: str) -> None:
    with pytest.raises(UnreadableRuleError, match=said):
        parse_rules([rule], domain="insurance")


def test_a_field_without_a_label_is_asked_for_by_its_name() -> None:
    fields = parse_rules([ASKING])[0].then.required_information.fields
    assert [(one.name, one.label) for one in fields] == [
        ("legal-basis", "legal basis"),
        ("ticket", "Change ticket"),
    ]


def test_a_global_policy_says_yes_to_nothing() -> None:
    with pytest.raises(UnreadableRuleError, match="own policy can have automatic: true"):
        parse_rules([AT_ONCE])


def test_a_name_stands_there_once() -> None:
    with pytest.raises(UnreadableRuleError, match="the name sensitive is used twice"):
        parse_rules([SENSITIVE, SENSITIVE])
