"""A queue that a rule fills: what the events tests listen with."""

import json
from pathlib import Path
from typing import Any

from mocklake.testing.server import Aws

CENTRAL, CONSUMER, PARTNER = "111111111111", "222222222222", "333333333333"
REGION = "eu-central-1"
PAIR = str(Path(__file__).resolve().parents[3] / "mocklake" / "scenarios" / "seeds" / "pair.yaml")


def queue_arn(account: str, name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{account}:{name}"


def queue(aws: Aws, account: str, name: str, **attributes: str) -> str:
    """The URL of a queue that EventBridge may send to."""
    rule = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Statement": [{**rule, "Resource": queue_arn(account, name)}]})
    made = aws.client("sqs", account).create_queue(
        QueueName=name, Attributes={"Policy": policy, **attributes}
    )
    return str(made["QueueUrl"])


def listen(aws: Aws, account: str, pattern: dict[str, Any], name: str = "heard", **target: Any) -> str:
    """The URL of a queue that gets every event of the account's default bus that fits the pattern."""
    url = queue(aws, account, name)
    events = aws.client("events", account)
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    put = events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": queue_arn(account, name), **target}])
    assert put["FailedEntryCount"] == 0, put
    return url


def heard(aws: Aws, account: str, url: str) -> list[Any]:
    """Everything that lies in the queue, taken out; read as JSON."""
    sqs, found = aws.client("sqs", account), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in messages:
            found.append(json.loads(one["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return found


def put(aws: Aws, account: str, detail: Any = None, **entry: Any) -> dict[str, Any]:
    """The answer about one entry of PutEvents."""
    whole = {"Source": "shop", "DetailType": "order", "Detail": json.dumps(detail or {}), **entry}
    answer: dict[str, Any] = aws.client("events", account).put_events(Entries=[whole])["Entries"][0]
    return answer
