"""Queues: who may use them, from another account too, and waiting without holding up everyone."""

import json
import threading

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR, queue_arn


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


def test_a_queue_of_another_account_is_its_policys_to_open(aws: InProcess) -> None:
    own, abroad = aws.client("sqs", CENTRAL, "admin"), aws.client("sqs", CONSUMER, "analyst")
    url = own.create_queue(QueueName="shared")["QueueUrl"]
    assert refused(abroad.receive_message, QueueUrl=url) == "AccessDenied"
    rule = {
        "Effect": "Allow",
        "Principal": {"AWS": CONSUMER},
        "Action": "sqs:*",
        "Resource": queue_arn(CENTRAL, "shared"),
    }
    own.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [rule]})})
    abroad.send_message(QueueUrl=url, MessageBody="hello")
    assert [one["Body"] for one in own.receive_message(QueueUrl=url)["Messages"]] == ["hello"]


def test_a_long_poll_ends_with_the_message_that_another_call_sends(aws: InProcess) -> None:
    sqs = aws.client("sqs", CENTRAL)
    url = sqs.create_queue(QueueName="awaited")["QueueUrl"]
    sender = threading.Timer(0.1, lambda: sqs.send_message(QueueUrl=url, MessageBody="now"))
    sender.start()
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", [])
    sender.join()
    assert [one["Body"] for one in found] == ["now"]
