"""Rulesets: which texts are rules, and what they say."""

import pytest

from mocklake.errors import AwsError
from mocklake.glue_runs.evaluation import Condition, Joined, Rule, parse_ruleset


def only(text: str) -> Rule | Joined:
    (found,) = parse_ruleset(f"Rules = [ {text} ]")
    return found


def rule(text: str) -> Rule:
    found = only(text)
    assert isinstance(found, Rule)
    return found


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("RowCount > 5", Condition(">", (5.0,))),
        ("RowCount between 1 and 20", Condition("between", (1.0, 20.0))),
        ('ColumnValues "a" not in ["x", 3, NULL]', Condition("in", ("x", 3.0, None), negated=True)),
        ('ColumnValues "a" matches "[a-z]\\\\d*"', Condition("matches", ("[a-z]\\d*",))),
        ('ColumnValues "a" != NULL', Condition("!=", (None,))),
        ('DataFreshness "at" <= 2 days', Condition("<=", (48.0,))),
        ('DataFreshness "at" < 30 minutes', Condition("<", (0.5,))),
    ],
)
def test_conditions_are_read(text: str, condition: Condition) -> None:
    assert rule(text).condition == condition


def test_a_rule_has_columns_a_filter_and_a_threshold() -> None:
    found = rule('ColumnValues "a b" > 1.5 where "x = \'y\'" with threshold >= 0.9')
    assert (found.kind, found.columns, found.where) == ("ColumnValues", ("a b",), "x = 'y'")
    assert found.threshold == Condition(">=", (0.9,))
    assert rule('IsPrimaryKey "a" "b"').columns == ("a", "b")


def test_rules_are_joined_in_parentheses() -> None:
    found = only('((IsComplete "a") and (IsUnique "a")) or (RowCount = 0)')
    assert isinstance(found, Joined)
    assert (found.word, [type(part).__name__ for part in found.parts]) == ("or", ["Joined", "Rule"])
    assert found.text == '((IsComplete "a") and (IsUnique "a")) or (RowCount = 0)'


def test_comments_and_line_ends_mean_nothing() -> None:
    found = parse_ruleset('Rules = [\n  # first\n  IsComplete "a", # its id\n  RowCount > 1\n]\n# the end')
    assert [one.text for one in found] == ['IsComplete "a"', "RowCount > 1"]


@pytest.mark.parametrize(
    "text",
    ["", "Rules = []", 'IsComplete "a"', "Rules = [ IsComplete ]", 'Rules = [ IsComplete "a" "b" ]',
     'Rules = [ NoSuchRule "a" ]', "Rules = [ RowCount ]", "Rules = [ RowCount > ]", "Rules = [ RowCount > 1",
     "Rules = [ RowCount > 1 ] more", "Rules = [ RowCount like 1 ]", "Rules = [ RowCount > 1; ]",
     "Rules = [ (RowCount > 1) and (RowCount > 2) or (RowCount > 3) ]", "Rules = [ IsPrimaryKey ]"],
)  # fmt: skip
def test_what_is_no_ruleset_is_refused(text: str) -> None:
    with pytest.raises(AwsError, check=lambda error: error.code == "InvalidInputException"):
        parse_ruleset(text)


def test_a_rule_that_only_aws_has_is_told_as_such() -> None:
    with pytest.raises(AwsError, check=lambda error: error.code == "MocklakeNotImplemented"):
        only('ReferentialIntegrity "a" "b.c" = 1.0')
