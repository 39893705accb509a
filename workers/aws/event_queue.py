"""The SQS queue in which EventBridge leaves what Glue tells of its catalog."""

import json
from dataclasses import dataclass
from typing import Any

from workers.aws.errors import translated

AT_ONCE = 10


@dataclass(frozen=True)
class Message:
    """`event` is None for what is no event at all: it is taken out of the queue and forgotten."""

    receipt: str
    event: dict[str, Any] | None


def receive(sqs: Any, queue_url: str, wait: int) -> list[Message]:
    """Up to ten messages; waits so many seconds for the first. AwsError when the queue does not answer."""
    with translated():
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=wait)
    return [Message(each["ReceiptHandle"], _event(each["Body"])) for each in answer.get("Messages") or ()]


def delete(sqs: Any, queue_url: str, messages: list[Message]) -> None:
    """Take these out. What fails comes again, which does no harm."""
    entries = [{"Id": str(at), "ReceiptHandle": each.receipt} for at, each in enumerate(messages)]
    with translated():
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


def _event(body: str) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
