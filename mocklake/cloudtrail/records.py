"""One record for each call (CloudTrail user guide, "CloudTrail record contents"), and where it goes: into the
account's history, to the trails that log it, and on to EventBridge.

Source: CloudTrail user guide, "CloudTrail record contents". Where AWS writes a session token, mocklake does not.
"""

import json
import uuid
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from mocklake import moto_bridge, partitions, protocols
from mocklake.catalog_ids import full_id, owner_of
from mocklake.cloudtrail.store import PENDING_KEPT, Remembered, Store, Trail, store_of
from mocklake.iam.access_keys import find_credential
from mocklake.iam.callers import Caller
from mocklake.served_call import Happening
from mocklake.world import World

VERSION = "1.11"
Record = dict[str, Any]
_READS = (
    "Get",
    "List",
    "Describe",
    "Search",
    "BatchGet",
    "Head",
    "Lookup",
    "Simulate",
    "Test",
    "Query",
    "Receive",
)
_ALSO_READS = {("sts", "AssumeRole")}
"""Reads by their record, with the answer written down all the same."""
_WRITES_ALL_THE_SAME = {("sts", "GetSessionToken"), ("sts", "GetFederationToken")}
_S3_NAMES = {
    "ListBucket": "ListObjects",
    "ListAllMyBuckets": "ListBuckets",
    "ListBucketVersions": "ListObjectVersions",
}
_DATA = {
    "sqs": frozenset({
        "SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch",
        "ChangeMessageVisibility", "ChangeMessageVisibilityBatch",
    }),
    "events": frozenset({"PutEvents"}),
}  # fmt: skip
GLOBAL = ("iam.amazonaws.com",)
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
LARGEST = 100 * 1024
"""Bytes of one element; a larger one is left out and says so."""
_SECRETS = frozenset(
    {"SecretAccessKey", "SessionToken", "Plaintext", "PrivateKeyPlaintext", "CiphertextForRecipient"}
)
TIME = "%Y-%m-%dT%H:%M:%SZ"


def is_read(service: str, operation: str) -> bool:
    asked = (service, operation)
    return asked in _ALSO_READS or (operation.startswith(_READS) and asked not in _WRITES_ALL_THE_SAME)


def is_data(happening: Happening) -> bool:
    """Calls on objects and messages are data events, which only a trail that asks for them logs."""
    if happening.service == "s3":
        return "key" in happening.parameters or happening.operation in ("ListBucket", "ListBucketVersions")
    return happening.operation in _DATA.get(happening.service, ())


def records_of(world: World, happening: Happening) -> list[Record]:
    """The caller's record, and for another account's resource its owner's copy with the same `sharedEventID`."""
    caller = happening.caller
    if caller is None or happening.code in ("MocklakeNotImplemented", "Unreachable"):
        return []
    record = _record(world, happening)
    owner = _owner(happening)
    if happening.failed or owner == caller.account or owner not in world.accounts:
        return [record]
    record["sharedEventID"] = str(uuid.uuid4())
    return [record, copy_for(record, owner, identity_abroad(world, caller))]


def copy_for(record: Record, account: str, identity: dict[str, Any]) -> Record:
    """Another account's copy of a record, where the caller is without a name."""
    fresh = {"userIdentity": identity, "eventID": str(uuid.uuid4()), "recipientAccountId": account}
    return record | fresh


def _region(happening: Happening) -> str:
    """IAM's calls are recorded in one region of their partition, for which they are signed outside `aws`."""
    is_global = happening.service == "iam" and partitions.of_region(happening.region) == partitions.DEFAULT
    return "us-east-1" if is_global else happening.region


def _record(world: World, happening: Happening) -> Record:
    service, operation, caller = happening.service, happening.operation, happening.caller
    assert caller is not None
    read_only, data = is_read(service, operation), is_data(happening)
    failure = {"errorCode": happening.code, "errorMessage": happening.message} if happening.failed else {}
    shown = not read_only or (service, operation) in _ALSO_READS
    answered = happening.answer if shown and not happening.failed else None
    return {
        "eventVersion": VERSION,
        "userIdentity": identity_of(world, caller),
        "eventTime": world.now().strftime(TIME),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": _S3_NAMES.get(operation, operation) if service == "s3" else operation,
        "awsRegion": _region(happening),
        "sourceIPAddress": happening.source_ip,
        "userAgent": happening.user_agent,
        **failure,
        "requestParameters": of_request(service, operation, happening.parameters),
        "responseElements": of_answer(service, operation, answered),
        "requestID": happening.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "recipientAccountId": caller.account,
        "eventCategory": "Data" if data else "Management",
    }


def _owner(happening: Happening) -> str:
    """The account whose resource it is; the caller's own where the call does not say."""
    asked, caller = happening.parameters, happening.caller
    here = caller.account if caller else ""
    if happening.service in ("glue", "lakeformation"):
        return owner_of(full_id(str(asked.get("CatalogId") or ""), here))
    if happening.service == "s3":
        return moto_bridge.bucket_owner(str(asked.get("bucketName", ""))) or here
    if (happening.service, happening.operation) == ("sts", "AssumeRole"):
        parts = str(asked.get("RoleArn", "")).split(":")
        return parts[4] if len(parts) > 4 else here  # noqa: PLR2004
    return here


def write_down(world: World, record: Record) -> None:
    """`fresh` is read and emptied by whoever tells EventBridge, which needs a trail that logs the event."""
    store = store_of(world)
    trails = [one for one in _logging(store, record["recipientAccountId"]) if _logs(one, record)]
    if not trails and record["eventCategory"] != "Management":
        return
    text = json.dumps(record, separators=(",", ":"), default=str)
    if record["eventCategory"] == "Management":
        history = store.reads if record["readOnly"] else store.writes
        history.append(Remembered(record["recipientAccountId"], record["awsRegion"], text))
    for trail in trails:
        trail.pending.setdefault(record["awsRegion"], deque(maxlen=PENDING_KEPT)).append(text)
    if trails:
        store.fresh.append(record)
        if store.due is None:
            store.due = world.now() + timedelta(seconds=store.interval_seconds)


def _logging(store: Store, account: str) -> list[Trail]:
    return [one for (owner, _), one in store.trails.items() if owner == account and one.logging]


def _logs(trail: Trail, record: Record) -> bool:
    everywhere = record["eventSource"] in GLOBAL and trail.global_events
    if not (trail.is_seen_in(record["awsRegion"]) or everywhere):
        return False
    return any(_selects(selector, record) for selector in trail.selectors)


def _selects(selector: dict[str, Any], record: Record) -> bool:
    wanted = selector.get("ReadWriteType", "All")
    if wanted != "All" and (wanted == "ReadOnly") is not record["readOnly"]:
        return False
    if record["eventCategory"] == "Management":
        excluded = record["eventSource"] in selector.get("ExcludeManagementEventSources", [])
        return bool(selector.get("IncludeManagementEvents", True)) and not excluded
    return any(_names(data_resource, record) for data_resource in selector.get("DataResources", []))


def _names(resource: dict[str, Any], record: Record) -> bool:
    """Objects by the beginning of their ARN, `arn:aws:s3` (or that of another partition) all of them."""
    asked = record["requestParameters"] or {}
    if record["eventSource"] != "s3.amazonaws.com" or resource.get("Type") != "AWS::S3::Object":
        return False
    arn = f"arn:{partitions.of_region(record['awsRegion'])}:s3:::{asked.get('bucketName', '')}/{asked.get('key', '')}"
    return any(arn.startswith(one) for one in resource.get("Values", []))


def of_request(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    return _within_limit(_written(_shape(service, operation, "input_shape"), parameters) or None)


def of_answer(service: str, operation: str, answer: dict[str, Any] | None) -> dict[str, Any] | None:
    return _within_limit(_written(_shape(service, operation, "output_shape"), answer or {}) or None)


def _shape(service: str, operation: str, side: str) -> Any:
    """None where mocklake does not read the service by its model."""
    if service == "s3" or service not in protocols.PROTOCOL:
        return None
    known = protocols.model(service)
    return getattr(known.operation_model(operation), side) if operation in known.operation_names else None


def _written(shape: Any, value: Any) -> Any:
    if shape is not None and shape.metadata.get("sensitive"):
        return HIDDEN
    if isinstance(value, dict):
        if shape is not None and shape.type_name == "map":
            return {name: _written(shape.value, one) for name, one in value.items()}
        members = shape.members if shape is not None and shape.type_name == "structure" else {}
        return {
            _small(name): HIDDEN if name in _SECRETS else _written(members.get(name), one)
            for name, one in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        member = shape.member if shape is not None and shape.type_name == "list" else None
        return [_written(member, one) for one in value]
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y %-I:%M:%S %p")
    return None if isinstance(value, bytes) else value


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _within_limit(element: dict[str, Any] | None) -> dict[str, Any] | None:
    if element is None:
        return None
    size = len(json.dumps(element, default=str))
    if size <= LARGEST:
        return element
    return {"omitted": True, "originalSize": size, "reason": f"larger than {LARGEST} bytes"}


def identity_of(world: World, caller: Caller) -> dict[str, Any]:
    """Root, a user, or a role's session with its issuer."""
    credential = find_credential(world, caller.access_key)
    key = {"accessKeyId": caller.access_key} if credential is not None else {}
    if caller.is_root:
        return {
            "type": "Root",
            "principalId": caller.account,
            "arn": caller.arn,
            "accountId": caller.account,
        } | key
    principal_id = principal_of(world, caller)
    if ":user/" in caller.arn:
        named = {"type": "IAMUser", "principalId": principal_id, "arn": caller.arn}
        return named | {"accountId": caller.account, "userName": caller.arn.rsplit("/", 1)[1]} | key
    made = (credential.made if credential is not None else None) or world.now()
    return {
        "type": "AssumedRole",
        "principalId": principal_id,
        "arn": caller.session_arn,
        "accountId": caller.account,
        **key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal_id.partition(":")[0],
                "arn": caller.arn,
                "accountId": caller.account,
                "userName": caller.arn.rsplit("/", 1)[1],
            },
            "attributes": {"creationDate": made.strftime(TIME), "mfaAuthenticated": "false"},
        },
    }


def identity_abroad(world: World, caller: Caller) -> dict[str, Any]:
    """The same caller in another account's log: no ARN, only account and unique id."""
    return {"type": "AWSAccount", "principalId": principal_of(world, caller), "accountId": caller.account}


def principal_of(world: World, caller: Caller) -> str:
    credential = find_credential(world, caller.access_key)
    return credential.principal_id if credential is not None else caller.account


def username_of(record: dict[str, Any]) -> str:
    """What LookupEvents calls Username: the session's name, or root."""
    identity = record["userIdentity"]
    if identity["type"] == "Root":
        return "root"
    if identity["type"] == "IAMUser":
        return str(identity["userName"])
    return str(identity.get("principalId", "")).rpartition(":")[2]
