"""SQS before moto is asked: whose queue it is, who may use it, and waiting for a message.

Inside one account the caller's or the queue's policy must allow, across accounts both, as for buckets. A long
poll is waited out here in turns, so that the one lock is free for whoever sends the message.
"""

import json
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.caller_policies import decision_for, refusal
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision, decide, statements

TURN_SECONDS = 1.0
LONGEST_WAIT = 20
_BATCHES = {"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}
_OF_A_NAME = {"CreateQueue", "GetQueueUrl", "ListQueues"}


def authorise(caller: Caller, operation: str, parameters: dict[str, Any]) -> str:
    """The account whose queue it is. Raises AwsError AccessDenied."""
    account, queue = _queue(caller, operation, parameters)
    action = f"sqs:{operation.removesuffix('Batch') if operation in _BATCHES else operation}"
    own = decision_for(caller, action, queue)
    theirs = decide(statements(moto_bridge.queue_policy(queue)), action, queue, principal=caller.arn)
    wanted = {own, theirs} if account != caller.account else {max((own, theirs), key=_strength)}
    if Decision.DENY in (own, theirs) or wanted != {Decision.ALLOW}:
        raise AwsError("AccessDenied", refusal(caller.session_arn, action, queue, own), status=403)
    return account


def _strength(decision: Decision) -> bool:
    return decision is Decision.ALLOW


def _queue(caller: Caller, operation: str, parameters: dict[str, Any]) -> tuple[str, str]:
    url = str(parameters.get("QueueUrl", ""))
    owner, _, name = url.rpartition("/")
    account = owner.rpartition("/")[2] or caller.account
    if operation in _OF_A_NAME:
        name = str(parameters.get("QueueName", "*"))
        account = str(parameters.get("QueueOwnerAWSAccountId") or caller.account)
    return account, partitions.regional_arn("sqs", caller.region, account, name or "*")


def wait_of(operation: str, parameters: dict[str, Any]) -> float:
    """How many seconds a ReceiveMessage may wait; the queue's own setting is not looked at."""
    asked = parameters.get("WaitTimeSeconds", 0) if operation == "ReceiveMessage" else 0
    return float(min(asked, LONGEST_WAIT)) if isinstance(asked, int) else 0.0


def without_waiting(parameters: dict[str, Any]) -> bytes:
    return json.dumps({**parameters, "WaitTimeSeconds": 0}).encode()


def is_empty(answer: bytes) -> bool:
    try:
        return not json.loads(answer or b"{}").get("Messages")
    except ValueError:
        return False


def wait_for_message(sent: int, seconds: float) -> None:
    """Until more messages than so many were sent; for a second at most, as a message is also visible again by time."""
    moto_bridge.sent_messages.wait_for_more(sent, min(seconds, TURN_SECONDS))
