"""Rules, targets, buses and permissions are kept, shown and refused as AWS does."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, REGION, queue_arn

PATTERN = '{"source": ["shop"]}'


@pytest.fixture
def events() -> Any:
    return InProcess().client("events", CENTRAL)


def test_a_rule_is_kept_until_its_targets_are_gone(events: Any) -> None:
    made = events.put_rule(Name="r", EventPattern=PATTERN, Description="d", Tags=[{"Key": "k", "Value": "v"}])
    assert made["RuleArn"] == f"arn:aws:events:{REGION}:{CENTRAL}:rule/r"
    events.put_targets(Rule="r", Targets=[{"Id": "a", "Arn": queue_arn(CENTRAL, "q")}])
    events.put_rule(Name="r", EventPattern=PATTERN, State="DISABLED")
    shown = events.describe_rule(Name="r")
    assert (shown["State"], shown["CreatedBy"], "Description" in shown) == ("DISABLED", CENTRAL, False)
    assert events.list_rule_names_by_target(TargetArn=queue_arn(CENTRAL, "q"))["RuleNames"] == ["r"]
    assert events.list_tags_for_resource(ResourceARN=made["RuleArn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    assert refused(events.delete_rule, Name="r") == "ValidationException"
    events.remove_targets(Rule="r", Ids=["a", "none"])
    assert events.list_targets_by_rule(Rule="r")["Targets"] == []
    events.delete_rule(Name="r")
    events.delete_rule(Name="r")
    assert refused(events.describe_rule, Name="r") == "ResourceNotFoundException"


def test_rules_are_listed_by_pages(events: Any) -> None:
    for number in range(5):
        events.put_rule(Name=f"r{number}", EventPattern=PATTERN)
    first = events.list_rules(Limit=3, NamePrefix="r")
    rest = events.list_rules(Limit=3, NamePrefix="r", NextToken=first["NextToken"])
    assert [one["Name"] for one in first["Rules"] + rest["Rules"]] == ["r0", "r1", "r2", "r3", "r4"]


@pytest.mark.parametrize(
    "rule",
    [
        {"Name": "r"},
        {"Name": "r", "ScheduleExpression": "daily"},
        {"Name": "r", "ScheduleExpression": "rate(1 day)", "EventBusName": "own"},
        {"Name": "r s", "EventPattern": PATTERN},
    ],
)
def test_a_rule_that_cannot_be_is_refused(events: Any, rule: dict[str, str]) -> None:
    events.create_event_bus(Name="own")
    assert refused(events.put_rule, **rule) == "ValidationException"


@pytest.mark.parametrize(
    "target",
    [
        {"Arn": f"arn:aws:lambda:{REGION}:{CENTRAL}:function:f"},
        {"Arn": queue_arn(CONSUMER, "q")},
        {"Arn": f"arn:aws:sqs:us-east-1:{CENTRAL}:q"},
        {"Arn": f"arn:aws:events:{REGION}:{CENTRAL}:event-bus/default"},
        {"Arn": queue_arn(CENTRAL, "q"), "InputPath": "x"},
    ],
)
def test_a_target_that_cannot_be_is_told(events: Any, target: dict[str, str]) -> None:
    events.put_rule(Name="r", EventPattern=PATTERN)
    answer = events.put_targets(Rule="r", Targets=[{"Id": "t", **target}])
    assert (answer["FailedEntryCount"], answer["FailedEntries"][0]["TargetId"]) == (1, "t")


def test_a_rule_has_five_targets_at_most(events: Any) -> None:
    events.put_rule(Name="r", EventPattern=PATTERN)
    targets = [{"Id": str(number), "Arn": queue_arn(CENTRAL, "q")} for number in range(6)]
    assert refused(events.put_targets, Rule="r", Targets=targets) == "LimitExceededException"


def test_a_bus_of_ones_own_and_its_policy(events: Any) -> None:
    events.create_event_bus(Name="own", Description="mine")
    assert refused(events.create_event_bus, Name="own") == "ResourceAlreadyExistsException"
    events.put_permission(EventBusName="own", Action="events:PutEvents", Principal=CONSUMER, StatementId="c")
    shown = events.describe_event_bus(Name="own")
    (statement,) = json.loads(shown["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{CONSUMER}:root"}
    assert [one["Name"] for one in events.list_event_buses()["EventBuses"]] == ["default", "own"]
    events.remove_permission(EventBusName="own", StatementId="c")
    assert (
        refused(events.remove_permission, EventBusName="own", StatementId="c") == "ResourceNotFoundException"
    )
    events.delete_event_bus(Name="own")
    assert refused(events.describe_event_bus, Name="own") == "ResourceNotFoundException"
    assert refused(events.delete_event_bus, Name="default") == "ValidationException"


def test_a_pattern_can_be_tried(events: Any) -> None:
    event: dict[str, Any] = dict.fromkeys(
        ("id", "account", "source", "time", "region", "detail-type"), "shop"
    ) | {"resources": []}
    assert events.test_event_pattern(EventPattern=PATTERN, Event=json.dumps(event))["Result"] is True
    assert refused(events.test_event_pattern, EventPattern=PATTERN, Event="{}") == "ValidationException"
    assert (
        refused(events.test_event_pattern, EventPattern="{", Event=json.dumps(event))
        == "InvalidEventPatternException"
    )
