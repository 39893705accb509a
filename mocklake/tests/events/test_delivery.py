"""Events reach queues and other buses, or their failure is told and buried."""

import json
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import (
    CENTRAL,
    CONSUMER,
    PAIR,
    PARTNER,
    REGION,
    heard,
    listen,
    put,
    queue,
    queue_arn,
)


@pytest.fixture(scope="module")
def aws() -> InProcess:
    return InProcess(PAIR)


def _bus(account: str, name: str = "default") -> str:
    return f"arn:aws:events:{REGION}:{account}:event-bus/{name}"


def test_an_event_lies_in_the_queue_as_it_was_put(aws: InProcess) -> None:
    url = listen(aws, CENTRAL, {"source": ["shop"], "detail": {"n": [1]}}, "whole")
    answer = put(aws, CENTRAL, {"n": 1}, Resources=["r"])
    put(aws, CENTRAL, {"n": 2})
    (event,) = heard(aws, CENTRAL, url)
    time = event.pop("time")
    assert time.endswith("Z")
    assert event == {
        "version": "0", "id": answer["EventId"], "detail-type": "order", "source": "shop", "account": CENTRAL,
        "region": REGION, "resources": ["r"], "detail": {"n": 1},
    }  # fmt: skip


def test_a_disabled_rule_sends_nothing(aws: InProcess) -> None:
    url = listen(aws, CENTRAL, {"source": ["quiet"]}, "quiet")
    events = aws.client("events", CENTRAL)
    events.disable_rule(Name="quiet")
    put(aws, CENTRAL, Source="quiet")
    events.enable_rule(Name="quiet")
    put(aws, CENTRAL, {"n": 2}, Source="quiet")
    assert [one["detail"] for one in heard(aws, CENTRAL, url)] == [{"n": 2}]


def test_a_part_of_the_event_and_a_group_of_a_fifo_queue(aws: InProcess) -> None:
    url = queue(aws, CENTRAL, "ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    events = aws.client("events", CENTRAL)
    events.put_rule(Name="ordered", EventPattern='{"source": ["ordered"]}')
    target: dict[str, Any] = {"Id": "q", "Arn": queue_arn(CENTRAL, "ordered.fifo")}
    assert events.put_targets(Rule="ordered", Targets=[target])["FailedEntryCount"] == 1
    target |= {"SqsParameters": {"MessageGroupId": "g"}, "InputPath": "$.detail.n"}
    assert events.put_targets(Rule="ordered", Targets=[target])["FailedEntryCount"] == 0
    put(aws, CENTRAL, {"n": 7}, Source="ordered")
    assert heard(aws, CENTRAL, url) == [7]


def test_a_queue_that_does_not_let_events_in_gets_none_and_the_failure_is_buried(aws: InProcess) -> None:
    dead = queue(aws, CENTRAL, "dead")
    url = aws.client("sqs", CENTRAL).create_queue(QueueName="shut")["QueueUrl"]
    events = aws.client("events", CENTRAL)
    events.put_rule(Name="shut", EventPattern='{"source": ["shut"]}')
    letter = {"DeadLetterConfig": {"Arn": queue_arn(CENTRAL, "dead")}}
    events.put_targets(Rule="shut", Targets=[{"Id": "q", "Arn": queue_arn(CENTRAL, "shut"), **letter}])
    put(aws, CENTRAL, Source="shut")
    assert heard(aws, CENTRAL, url) == []
    message = aws.client("sqs", CENTRAL).receive_message(QueueUrl=dead, MessageAttributeNames=["All"])[
        "Messages"
    ][0]
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert json.loads(message["Body"])["source"] == "shut"
    told = aws.control("deliveries")[-1]
    assert (told["target"], told["code"]) == (queue_arn(CENTRAL, "shut"), "NO_PERMISSIONS")


def test_the_queues_policy_may_ask_for_the_rule(aws: InProcess) -> None:
    url = listen(aws, CENTRAL, {"source": ["asked"]}, "asked")
    arn = queue_arn(CENTRAL, "asked")
    rule = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    for name, expected in (("other", 0), ("asked", 1)):
        source = f"arn:aws:events:{REGION}:{CENTRAL}:rule/{name}"
        policy = json.dumps({"Statement": [{**rule, "Condition": {"ArnEquals": {"aws:SourceArn": source}}}]})
        aws.client("sqs", CENTRAL).set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        put(aws, CENTRAL, Source="asked")
        assert len(heard(aws, CENTRAL, url)) == expected


def test_another_accounts_bus_takes_events_by_its_policy(aws: InProcess) -> None:
    url = listen(aws, CENTRAL, {"account": [CONSUMER]}, "abroad")
    sender = aws.client("events", CONSUMER)
    sender.put_rule(Name="on", EventPattern='{"source": ["on"]}')
    sender.put_targets(Rule="on", Targets=[{"Id": "b", "Arn": _bus(CENTRAL)}])
    put(aws, CONSUMER, Source="on")
    assert heard(aws, CENTRAL, url) == []
    allowed = {"Action": "events:PutEvents", "Principal": CONSUMER, "StatementId": "consumer"}
    aws.client("events", CENTRAL).put_permission(**allowed)
    put(aws, CONSUMER, {"n": 1}, Source="on")
    put(aws, CONSUMER, {"n": 2}, EventBusName=_bus(CENTRAL))
    assert [one["detail"]["n"] for one in heard(aws, CENTRAL, url)] == [1, 2]
    assert put(aws, PARTNER, EventBusName=_bus(CENTRAL))["ErrorCode"] == "AccessDeniedException"


def test_an_event_is_not_sent_on_to_a_third_account(aws: InProcess) -> None:
    url = listen(aws, PARTNER, {"source": ["chain"]}, "chain")
    for here, there in ((CONSUMER, CENTRAL), (CENTRAL, PARTNER)):
        allowed = {"Action": "events:PutEvents", "Principal": here, "StatementId": "chain"}
        aws.client("events", there).put_permission(**allowed)
        events = aws.client("events", here)
        events.put_rule(Name="chain", EventPattern='{"source": ["chain"]}')
        events.put_targets(Rule="chain", Targets=[{"Id": "b", "Arn": _bus(there)}])
    put(aws, CONSUMER, Source="chain")
    assert heard(aws, PARTNER, url) == []
    put(aws, CENTRAL, Source="chain")
    assert len(heard(aws, PARTNER, url)) == 1


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"Source": "aws.glue"}, "NotAuthorizedForSourceException"),
        ({"Source": ""}, "InvalidArgument"),
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Detail": "[]"}, "MalformedDetail"),
        ({"EventBusName": "none"}, "ResourceNotFoundException"),
    ],
)
def test_an_entry_is_refused_by_itself(aws: InProcess, entry: dict[str, str], code: str) -> None:
    assert put(aws, CENTRAL, **entry)["ErrorCode"] == code


def test_more_than_ten_entries_are_refused(aws: InProcess) -> None:
    entry = {"Source": "s", "DetailType": "t", "Detail": "{}"}
    assert refused(aws.client("events", CENTRAL).put_events, Entries=[entry] * 11) == "ValidationException"
