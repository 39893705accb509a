"""Who may use a bucket, a queue or a key: identity policy and resource policy together, before moto is asked.

Inside one account either of the two may allow; across accounts both must. An explicit deny in either
prevails. moto itself looks at neither the role's policies nor at principals in bucket policies.

Inside one account the caller's or the queue's policy must allow, across accounts both, as for buckets. A long
poll is waited out here in turns, so that the one lock is free for whoever sends the message.

A key's policy that names the account leaves the decision to the account's IAM policies; one that names the principal
itself suffices inside the account; across accounts both must allow (KMS Developer Guide, key-policies and
key-policy-modifying-external-accounts). Grants of KMS are not evaluated.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from werkzeug import Request

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller, decision_for, identity_decision, refusal
from mocklake.iam.policy_documents import Decision, decide, names_exactly, statements

TURN_SECONDS = 1.0
LONGEST_WAIT = 20
_BATCHES = {"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}
_OF_A_NAME = {"CreateQueue", "GetQueueUrl", "ListQueues"}


def authorise_s3(caller: Caller, request: Request) -> str:
    """The account whose S3 shall serve the request. Raises AwsError AccessDenied (403)."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    if not bucket:
        _refuse_unless(
            _may_use_bucket(caller, "s3:ListAllMyBuckets", "*", None, {}), caller, "s3:ListAllMyBuckets", "*"
        )
        return caller.account
    action, arn = _get_action_and_resource(request, bucket, key, caller.partition)
    _check_partition(caller, action, bucket)
    context = _build_context(request)
    _refuse_unless(_may_use_bucket(caller, action, arn, bucket, context), caller, action, arn)
    source = unquote(request.headers.get("x-amz-copy-source", "")).lstrip("/").partition("?")[0]
    if source:
        read = f"arn:{caller.partition}:s3:::{source}"
        allowed = _may_use_bucket(caller, "s3:GetObject", read, source.partition("/")[0], context)
        _refuse_unless(allowed, caller, "s3:GetObject", read)
    return moto_bridge.bucket_owner(bucket) or caller.account


def _check_partition(caller: Caller, action: str, bucket: str) -> None:
    """NoSuchBucket (404): names are looked up within a partition (S3 User Guide, bucketnamingrules)."""
    owner = moto_bridge.bucket_owner(bucket)
    elsewhere = owner is not None and moto_bridge.account_partition(owner) != caller.partition
    if elsewhere and action != "s3:CreateBucket":
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", status=404)


def _may_use_bucket(
    caller: Caller, action: str, resource: str, bucket: str | None, context: Mapping[str, str]
) -> bool:
    """A session's own policy narrows whatever else allows."""
    narrowed = None if resource == "*" else resource
    rules = statements(caller.policy)
    if caller.policy and decide(rules, action, narrowed, context=context) is not Decision.ALLOW:
        return False
    return may_use_s3(caller.arn, action, resource, bucket, context)


def may_use_s3(
    principal_arn: str,
    action: str,
    resource: str,
    bucket: str | None,
    context: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Whether the principal's own policies and the bucket's together allow the action.

    `context` are condition keys of the request; those of the principal and the bucket come by themselves.
    """
    own = identity_decision(principal_arn, action, None if resource == "*" else resource)
    owner = moto_bridge.bucket_owner(bucket) if bucket else None
    if owner is None:
        return own is Decision.ALLOW
    account = principal_arn.split(":")[4]
    if moto_bridge.account_partition(owner) != partitions.of_arn(principal_arn):
        return False
    about = {
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": principal_arn,
        "aws:PrincipalAccount": account,
        "aws:ResourceAccount": owner,
        **context,
    }
    rules = statements(moto_bridge.bucket_policy(bucket or ""))
    theirs = decide(rules, action, resource, principal=principal_arn, context=about)
    if Decision.DENY in (own, theirs):
        return False
    if owner == account:
        return Decision.ALLOW in (own, theirs)
    return own is Decision.ALLOW and theirs is Decision.ALLOW


def _build_context(request: Request) -> dict[str, str]:
    """Condition keys of the request (IAM service authorization reference, Amazon S3)."""
    given = {
        "s3:prefix": request.args.get("prefix"),
        "s3:delimiter": request.args.get("delimiter"),
        "s3:max-keys": request.args.get("max-keys"),
        "s3:x-amz-acl": request.headers.get("x-amz-acl"),
        "s3:x-amz-server-side-encryption": request.headers.get("x-amz-server-side-encryption"),
        "aws:UserAgent": request.headers.get("User-Agent"),
        "aws:SourceIp": request.remote_addr,
    }
    return {name: value for name, value in given.items() if value is not None}


def get_s3_operation(request: Request) -> str:
    """The call by its IAM action, such as GetObject or ListBucket."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    return (
        _get_action_and_resource(request, bucket, key, partitions.DEFAULT)[0].removeprefix("s3:")
        if bucket
        else "ListAllMyBuckets"
    )


def _get_action_and_resource(request: Request, bucket: str, key: str, partition: str) -> tuple[str, str]:
    arn = f"arn:{partition}:s3:::{bucket}"
    if "delete" in request.args and not key:
        return "s3:DeleteObject", f"{arn}/*"
    actions = moto_bridge.s3_actions("KEY" if key else "BUCKET", request.method)
    chosen = next((actions[name] for name in actions if name in request.args), actions.get("DEFAULT"))
    action = {"HeadBucket": "ListBucket", None: f"{request.method} without an action"}.get(chosen, chosen)
    return f"s3:{action}", f"{arn}/{key}" if key else arn


def _refuse_unless(allowed: bool, caller: Caller, action: str, arn: str) -> None:  # noqa: FBT001
    if not allowed:
        raise AwsError(
            "AccessDenied",
            f'User: {caller.session_arn} is not authorized to perform: {action} on resource: "{arn}"',
            status=403,
        )


def authorise_sqs(caller: Caller, operation: str, parameters: dict[str, Any]) -> str:
    """The account whose queue it is. Raises AwsError AccessDenied."""
    account, queue = _get_queue(caller, operation, parameters)
    action = f"sqs:{operation.removesuffix('Batch') if operation in _BATCHES else operation}"
    own = decision_for(caller, action, queue)
    theirs = decide(statements(moto_bridge.queue_policy(queue)), action, queue, principal=caller.arn)
    wanted = {own, theirs} if account != caller.account else {max((own, theirs), key=_is_allowed)}
    if Decision.DENY in (own, theirs) or wanted != {Decision.ALLOW}:
        raise AwsError("AccessDenied", refusal(caller.session_arn, action, queue, own), status=403)
    return account


def _is_allowed(decision: Decision) -> bool:
    return decision is Decision.ALLOW


def _get_queue(caller: Caller, operation: str, parameters: dict[str, Any]) -> tuple[str, str]:
    url = str(parameters.get("QueueUrl", ""))
    owner, _, name = url.rpartition("/")
    account = owner.rpartition("/")[2] or caller.account
    if operation in _OF_A_NAME:
        name = str(parameters.get("QueueName", "*"))
        account = str(parameters.get("QueueOwnerAWSAccountId") or caller.account)
    return account, partitions.regional_arn("sqs", caller.region, account, name or "*")


def get_wait_seconds(operation: str, parameters: dict[str, Any]) -> float:
    """How many seconds a ReceiveMessage may wait; the queue's own setting is not looked at."""
    asked = parameters.get("WaitTimeSeconds", 0) if operation == "ReceiveMessage" else 0
    return float(min(asked, LONGEST_WAIT)) if isinstance(asked, int) else 0.0


def write_body_without_waiting(parameters: dict[str, Any]) -> bytes:
    return json.dumps({**parameters, "WaitTimeSeconds": 0}).encode()


def is_empty_answer(answer: bytes) -> bool:
    try:
        return not json.loads(answer or b"{}").get("Messages")
    except ValueError:
        return False


def wait_for_message(sent: int, seconds: float) -> None:
    """Until more messages than so many were sent; for a second at most, as a message is also visible again by time."""
    moto_bridge.sent_messages.wait_for_more(sent, min(seconds, TURN_SECONDS))


def find_key(named: str, account: str, region: str) -> Any | None:
    """Moto's key by its id, ARN or alias; a bare id or alias is the account's, an ARN of the region's partition."""
    if partitions.of_arn(named) not in ("", partitions.of_region(region)):
        return None
    if named.startswith("arn:"):
        region, account = named.split(":")[3:5]
    return moto_bridge.encryption_key(account, region, named)


def is_usable_key(key: Any | None) -> bool:
    """It exists, encrypts (moto has no usage where AWS has its default), and is not disabled or to be deleted."""
    return key is not None and key.key_state == "Enabled" and key.key_usage in (None, "ENCRYPT_DECRYPT")


def may_use_key(principal_arn: str, action: str, key: Any | None) -> bool:
    if key is None or not is_usable_key(key):
        return False
    rules = statements(key.policy)
    own = identity_decision(principal_arn, action, key.arn)
    theirs = decide(rules, action, key.arn, principal=principal_arn)
    if Decision.DENY in (own, theirs) or theirs is not Decision.ALLOW:
        return False
    exactly = [rule for rule in rules if names_exactly(rule, principal_arn)]
    named = decide(exactly, action, key.arn, principal=principal_arn) is Decision.ALLOW
    at_home = principal_arn.split(":")[4] == key.arn.split(":")[4]
    return own is Decision.ALLOW or (at_home and named)
