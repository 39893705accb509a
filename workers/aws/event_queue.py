"""Receives events from the SQS queue that EventBridge fills."""

import json
from dataclasses import dataclass
from typing import Any

from workers.aws.errors import translate_errors

MAX_MESSAGES = 10


@dataclass(frozen=True)
class Message:
    """`event` is None if the body is not a JSON object; such a message is deleted."""

    receipt: str
    event: dict[str, Any] | None


def receive_messages(sqs: Any, queue_url: str, wait: int) -> list[Message]:
    """Up to ten messages; waits so many seconds for the first. AwsError when the queue does not answer."""
    with translate_errors():
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=MAX_MESSAGES, WaitTimeSeconds=wait
        )
    return [
        Message(each["ReceiptHandle"], _parse_event(each["Body"])) for each in answer.get("Messages") or ()
    ]


def delete_messages(sqs: Any, queue_url: str, messages: list[Message]) -> None:
    """Delete messages. Those that fail are received again, which does no harm."""
    entries = [{"Id": str(at), "ReceiptHandle": each.receipt} for at, each in enumerate(messages)]
    with translate_errors():
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


def _parse_event(body: str) -> dict[str, Any] | None:
    try:
        event = json.loads(body)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
