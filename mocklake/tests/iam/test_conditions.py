"""Condition operators, each with a value that holds, one that does not, and no value."""

import pytest

from mocklake.iam.policy_documents import Decision, decide, hold

RULE = "arn:aws:events:eu-central-1:111111111111:rule/changes"


@pytest.mark.parametrize(
    ("operator", "wanted", "holds", "fails", "absent"),
    [
        ("StringEquals", ["a", "b"], "b", "c", False),
        ("StringNotEquals", ["a", "b"], "c", "b", True),
        ("StringEqualsIgnoreCase", "Ab", "aB", "b", False),
        ("StringLike", "a*", "abc", "b", False),
        ("StringNotLike", "a*", "b", "abc", True),
        ("ArnEquals", RULE, RULE, f"{RULE}-too", False),
        ("ArnLike", "arn:aws:events:*:111111111111:rule/*", RULE, "arn:aws:s3:::bucket", False),
        ("Bool", True, "true", "false", False),
        ("StringEqualsIfExists", "a", "a", "b", True),
    ],
)
def test_an_operator(operator: str, wanted: object, holds: str, fails: str, *, absent: bool) -> None:
    conditions = {operator: {"aws:SourceArn": wanted}}
    assert hold(conditions, {"AWS:sourcearn": holds}, unknown=False)
    assert not hold(conditions, {"AWS:sourcearn": fails}, unknown=True)
    assert hold(conditions, {}, unknown=not absent) is absent


def test_null_asks_for_presence() -> None:
    assert hold({"Null": {"s3:prefix": "true"}}, {}, unknown=False)
    assert not hold({"Null": {"s3:prefix": "true"}}, {"s3:prefix": "a"}, unknown=True)


def test_all_operators_must_hold() -> None:
    conditions = {"StringEquals": {"a": "1", "b": "2"}, "StringLike": {"c": "3*"}}
    assert hold(conditions, {"a": "1", "b": "2", "c": "34"}, unknown=False)
    assert not hold(conditions, {"a": "1", "b": "2"}, unknown=False)


@pytest.mark.parametrize(
    ("named", "decision"),
    [
        ({"Service": "events.amazonaws.com"}, Decision.ALLOW),
        ({"Service": ["s3.amazonaws.com", "events.amazonaws.com"]}, Decision.ALLOW),
        ("*", Decision.ALLOW),
        ({"AWS": "*"}, Decision.SILENT),
        ({"Service": "cloudtrail.amazonaws.com"}, Decision.SILENT),
    ],
)
def test_a_service_is_a_principal(named: object, decision: Decision) -> None:
    rule = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Principal": named}
    assert decide([rule], "sqs:SendMessage", "arn", principal="events.amazonaws.com") is decision
