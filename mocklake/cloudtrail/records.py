"""One record for each call (CloudTrail user guide, "CloudTrail record contents")."""

import uuid
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.catalog_ids import full_id, owner_of
from mocklake.cloudtrail import elements
from mocklake.cloudtrail.identities import TIME, identity_abroad, identity_of
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
        "requestParameters": elements.of_request(service, operation, happening.parameters),
        "responseElements": elements.of_answer(service, operation, answered),
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
