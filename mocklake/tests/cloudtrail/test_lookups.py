"""LookupEvents: the account's and region's own management events, newest first, without any trail."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def _names(answer: dict[str, Any]) -> list[str]:
    return [one["EventName"] for one in answer["Events"]]


def _by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_the_newest_come_first_and_only_ones_own(aws: InProcess) -> None:
    cloudtrail = aws.client("cloudtrail", CENTRAL)
    aws.client("sqs", CENTRAL).create_queue(QueueName="q")
    aws.control("clock", {"offset_seconds": 10})
    aws.client("glue", CENTRAL, "admin").get_databases()
    aws.client("glue", CONSUMER).get_tables(DatabaseName="landing")
    found = cloudtrail.lookup_events()
    assert _names(found) == ["GetDatabases", "CreateQueue"]
    assert found["Events"][0]["Username"] == "control"
    assert json.loads(found["Events"][1]["CloudTrailEvent"])["requestParameters"] == {"queueName": "q"}


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("EventName", "CreateQueue", ["CreateQueue"]),
        ("EventSource", "glue.amazonaws.com", ["GetDatabases"]),
        ("ReadOnly", "false", ["CreateQueue"]),
        ("Username", "control", ["GetDatabases"]),
        ("EventId", "none", []),
    ],
)
def test_by_an_attribute(aws: InProcess, key: str, value: str, names: list[str]) -> None:
    aws.client("sqs", CENTRAL).create_queue(QueueName="q")
    aws.client("glue", CENTRAL, "admin").get_databases()
    assert _names(aws.client("cloudtrail", CENTRAL).lookup_events(**_by(key, value))) == names


def test_pages_are_not_shifted_by_new_events(aws: InProcess) -> None:
    sqs, cloudtrail = aws.client("sqs", CENTRAL), aws.client("cloudtrail", CENTRAL)
    for number in range(5):
        sqs.create_queue(QueueName=f"q{number}")
    first = cloudtrail.lookup_events(MaxResults=2, **_by("EventName", "CreateQueue"))
    sqs.create_queue(QueueName="q5")
    more = {"NextToken": first["NextToken"], **_by("EventName", "CreateQueue")}
    rest = cloudtrail.lookup_events(**more)
    asked = [
        json.loads(one["CloudTrailEvent"])["requestParameters"] for one in first["Events"] + rest["Events"]
    ]
    assert [one["queueName"] for one in asked] == ["q4", "q3", "q2", "q1", "q0"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (_by("ResourceName", "x"), "InvalidLookupAttributesException"),
        ({"StartTime": 2, "EndTime": 1}, "InvalidTimeRangeException"),
        ({"NextToken": "x"}, "InvalidNextTokenException"),
    ],
)
def test_what_cannot_be_asked(aws: InProcess, asked: dict[str, Any], code: str) -> None:
    assert refused(aws.client("cloudtrail", CENTRAL).lookup_events, **asked) == code
