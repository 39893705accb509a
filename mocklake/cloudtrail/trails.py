"""Trails: made, changed, shown, started, stopped, deleted; which events they log, and the log files that they fill.

Source: CloudTrail user guide, "Finding your CloudTrail log files" and "Amazon S3 bucket policy for CloudTrail".
What cannot be delivered is kept and tried again with the next file; GetTrailStatus tells why.
"""

import gzip
import re
import secrets
import string
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from mocklake import moto_bridge
from mocklake.cloudtrail.store import Trail, store_of, trail_of, trails_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision, decide, statements
from mocklake.protocols import not_implemented
from mocklake.world import World

TRAILS_IN_A_REGION = 5
_NAME = re.compile(r"[A-Za-z0-9](?:[._-]?[A-Za-z0-9])+")
_UNSUPPORTED = ("SnsTopicName", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId")
_UNSUPPORTED_FLAGS = ("EnableLogFileValidation", "IsOrganizationTrail")
LONGEST_NAME, SHORTEST_NAME = 128, 3
MAX_SELECTORS = 5
MAX_RESOURCES = 250
EXCLUDABLE = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}
MAX_TAGS = 50
SERVICE = "cloudtrail.amazonaws.com"
RECORDS_A_FILE = 5_000
_ALPHABET = string.ascii_letters + string.digits


def create_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The bucket must be there and let CloudTrail in; logging begins with StartLogging."""
    name, trails = str(params["Name"]), store_of(world).trails
    _check_name(name)
    _refuse_unsupported("CreateTrail", params)
    if (caller.account, name) in trails:
        raise AwsError(
            "TrailAlreadyExistsException", f"Trail {name} already exists for customer: {caller.account}"
        )
    here = [one for one in trails_of(world, caller.account, caller.region) if one.region == caller.region]
    if len(here) >= TRAILS_IN_A_REGION:
        text = f"User: {caller.account} already has {TRAILS_IN_A_REGION} trails in {caller.region}."
        raise AwsError("MaximumNumberOfTrailsExceededException", text)
    trail = Trail(
        name,
        caller.account,
        caller.region,
        str(params["S3BucketName"]),
        str(params.get("S3KeyPrefix", "")),
        multi_region=params.get("IsMultiRegionTrail", False),
        global_events=params.get("IncludeGlobalServiceEvents", True),
        tags={one["Key"]: one.get("Value", "") for one in params.get("TagsList", [])},
    )
    _check(trail)
    trails[caller.account, name] = trail
    return _summarise(trail)


def update_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays."""
    trail = _find_own(world, caller, params["Name"])
    _refuse_unsupported("UpdateTrail", params)
    changed = Trail(
        trail.name,
        trail.account,
        trail.region,
        params.get("S3BucketName", trail.bucket),
        params.get("S3KeyPrefix", trail.prefix),
        params.get("IsMultiRegionTrail", trail.multi_region),
        params.get("IncludeGlobalServiceEvents", trail.global_events),
    )
    _check(changed)
    trail.bucket, trail.prefix = changed.bucket, changed.prefix
    trail.multi_region, trail.global_events = changed.multi_region, changed.global_events
    return _summarise(trail)


def delete_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not delivered yet is lost with it; files stay."""
    trail = _find_own(world, caller, params["Name"])
    del store_of(world).trails[trail.account, trail.name]
    return {}


def get_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return {"Trail": _describe(_find_visible(world, caller, params["Name"]))}


def describe_trails(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With the trails of all regions unless `includeShadowTrails` is false; unknown names are left out."""
    found = trails_of(world, caller.account, caller.region)
    if not params.get("includeShadowTrails", True):
        found = [one for one in found if one.region == caller.region]
    wanted = params.get("trailNameList")
    chosen = [one for one in found if not wanted or {one.name, one.arn} & set(wanted)]
    return {"trailList": [_describe(one) for one in chosen]}


def list_trails(world: World, caller: Caller, _params: dict[str, Any]) -> dict[str, Any]:
    """Lists the trails of all regions."""
    trails = [one for (owner, _), one in sorted(store_of(world).trails.items()) if owner == caller.account]
    return {
        "Trails": [
            {"TrailARN": trail.arn, "Name": trail.name, "HomeRegion": trail.region} for trail in trails
        ]
    }


def start_logging(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _find_own(world, caller, params["Name"])
    trail.logging, trail.started = True, world.now()
    return {}


def stop_logging(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What was logged before is still delivered."""
    trail = _find_own(world, caller, params["Name"])
    trail.logging, trail.stopped = False, world.now()
    return {}


def get_trail_status(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _find_visible(world, caller, params["Name"])
    times = {
        "LatestDeliveryTime": trail.delivered,
        "StartLoggingTime": trail.started,
        "StopLoggingTime": trail.stopped,
    }
    texts = {
        "LatestDeliveryError": trail.error,
        "LatestDeliveryAttemptTime": _format_time(trail.attempted),
        "LatestDeliveryAttemptSucceeded": _format_time(trail.delivered),
        "TimeLoggingStarted": _format_time(trail.started),
        "TimeLoggingStopped": _format_time(trail.stopped),
    }
    shown = {name: value for name, value in times.items() if value is not None}
    return {"IsLogging": trail.logging} | shown | {name: text for name, text in texts.items() if text}


def _format_time(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""


def _find_own(world: World, caller: Caller, named: str) -> Trail:
    """To be changed only from where it was made."""
    trail = _find_visible(world, caller, named)
    if trail.region != caller.region:
        text = f"Trail {trail.name} must be changed in its home region {trail.region}."
        raise AwsError("InvalidHomeRegionException", text)
    return trail


def _find_visible(world: World, caller: Caller, named: str) -> Trail:
    if not named.startswith("arn:"):
        _check_name(named)
    trail = trail_of(world, caller.account, named)
    if not trail.is_seen_in(caller.region):
        raise AwsError("TrailNotFoundException", f"Unknown trail: {named} for the user: {caller.account}")
    return trail


def _check_name(name: str) -> None:
    if not (SHORTEST_NAME <= len(name) <= LONGEST_NAME and _NAME.fullmatch(name)):
        raise AwsError("InvalidTrailNameException", f"Trail name {name} is not valid.")


def _refuse_unsupported(operation: str, params: dict[str, Any]) -> None:
    """Digests, notifications, CloudWatch, encryption and organisations' trails are not played."""
    if any(params.get(name) for name in (*_UNSUPPORTED, *_UNSUPPORTED_FLAGS)):
        raise not_implemented("cloudtrail", f"{operation} with more than S3")


def _check(trail: Trail) -> None:
    if trail.multi_region and not trail.global_events:
        text = "Multi-Region trail must include global service events."
        raise AwsError("InvalidParameterCombinationException", text)
    reason = fault_of(trail.account, trail.bucket, trail.prefix, trail.arn)
    if reason == "NoSuchBucket":
        raise AwsError("S3BucketDoesNotExistException", f"S3 bucket {trail.bucket} does not exist!")
    if reason:
        text = f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket}"
        raise AwsError("InsufficientS3BucketPolicyException", text)


def _summarise(trail: Trail) -> dict[str, Any]:
    prefix = {"S3KeyPrefix": trail.prefix} if trail.prefix else {}
    return {
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        **prefix,
        "IncludeGlobalServiceEvents": trail.global_events,
        "IsMultiRegionTrail": trail.multi_region,
        "TrailARN": trail.arn,
        "LogFileValidationEnabled": False,
        "IsOrganizationTrail": False,
    }


def _describe(trail: Trail) -> dict[str, Any]:
    custom = any(
        selector.get("DataResources")
        or selector.get("ReadWriteType") != "All"
        or selector.get("ExcludeManagementEventSources")
        for selector in trail.selectors
    )
    more = {"HomeRegion": trail.region, "HasCustomEventSelectors": custom, "HasInsightSelectors": False}
    return _summarise(trail) | more


def put_event_selectors(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Basic selectors in place of the old ones; data events of S3 objects only."""
    if params.get("AdvancedEventSelectors"):
        raise not_implemented("cloudtrail", "PutEventSelectors with AdvancedEventSelectors")
    trail = trail_of(world, caller.account, params["TrailName"])
    if trail.region != caller.region:
        raise AwsError("InvalidHomeRegionException", f"The home region of the trail is {trail.region}.")
    given = deepcopy(params.get("EventSelectors", []))
    _check_selectors(given, caller)
    defaults = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    trail.selectors = [defaults | {"ExcludeManagementEventSources": []} | one for one in given]
    return _describe_selectors(trail)


def _check_selectors(selectors: list[dict[str, Any]], caller: Caller) -> None:
    if not 1 <= len(selectors) <= MAX_SELECTORS:
        raise _invalid(f"A trail has 1 to {MAX_SELECTORS} event selectors.")
    resources = [
        data_resource for selector in selectors for data_resource in selector.get("DataResources", [])
    ]
    if any(resource.get("Type") != "AWS::S3::Object" for resource in resources):
        raise _invalid("mocklake logs data events of AWS::S3::Object only.")
    values = [value for resource in resources for value in resource.get("Values", [])]
    prefix = f"arn:{caller.partition}:s3"
    if len(values) > MAX_RESOURCES or not all(value.startswith(prefix) for value in values):
        raise _invalid("Value of DataResources is not valid.")
    for one in selectors:
        if one.get("ReadWriteType", "All") not in ("All", "ReadOnly", "WriteOnly"):
            raise _invalid("Invalid ReadWriteType.")
        if not set(one.get("ExcludeManagementEventSources", [])) <= EXCLUDABLE:
            raise _invalid(f"ExcludeManagementEventSources are of {', '.join(sorted(EXCLUDABLE))}.")


def get_event_selectors(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _describe_selectors(trail_of(world, caller.account, params["TrailName"]))


def _describe_selectors(trail: Trail) -> dict[str, Any]:
    return {"TrailARN": trail.arn, "EventSelectors": deepcopy(trail.selectors)}


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidEventSelectorsException", message)


def add_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _find_tagged(world, caller, params["ResourceId"])
    fresh = {one["Key"]: one.get("Value", "") for one in params["TagsList"]}
    if len(trail.tags | fresh) > MAX_TAGS:
        raise AwsError("TagsLimitExceededException", f"A trail has at most {MAX_TAGS} tags.")
    trail.tags |= fresh
    return {}


def remove_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _find_tagged(world, caller, params["ResourceId"])
    for one in params["TagsList"]:
        trail.tags.pop(one["Key"], None)
    return {}


def list_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    listed = []
    for named in params["ResourceIdList"]:
        tags = _find_tagged(world, caller, named).tags
        shown = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
        listed.append({"ResourceId": named, "TagsList": shown})
    return {"ResourceTagList": listed}


def _find_tagged(world: World, caller: Caller, named: str) -> Trail:
    """Resources are named by ARN. Raises AwsError CloudTrailARNInvalidException or ResourceNotFoundException."""
    if not named.startswith("arn:"):
        raise AwsError("CloudTrailARNInvalidException", f"The ARN of the trail is not valid: {named}")
    try:
        return trail_of(world, caller.account, named)
    except AwsError as error:
        raise AwsError("ResourceNotFoundException", error.message) from error


def deliver_due(world: World) -> bool:
    """Whether anything was to be delivered by mocklake's clock."""
    store = store_of(world)
    if store.due is None or world.now() < store.due:
        return False
    deliver(world)
    return True


def deliver(world: World) -> list[str]:
    """All that is pending, now; the files as `s3://bucket/key`."""
    store = store_of(world)
    written = [one for trail in store.trails.values() for one in _deliver(world, trail)]
    left = any(one for trail in store.trails.values() for one in trail.pending.values())
    store.due = world.now() + timedelta(seconds=store.interval_seconds) if left else None
    return written


def _deliver(world: World, trail: Trail) -> list[str]:
    written = []
    for region in sorted(region for region, pending in trail.pending.items() if pending):
        trail.attempted = world.now()
        trail.error = fault_of(trail.account, trail.bucket, trail.prefix, trail.arn)
        if trail.error:
            break
        pending = trail.pending[region]
        while pending:
            records = [pending.popleft() for _ in range(min(RECORDS_A_FILE, len(pending)))]
            key = _key(world, trail, region)
            content = gzip.compress(
                f'{{"Records":[{",".join(records)}]}}'.encode("utf-8", "replace"), mtime=0
            )
            moto_bridge.put_object(trail.bucket, key, content)
            written.append(f"s3://{trail.bucket}/{key}")
        trail.delivered = trail.attempted
    return written


def _key(world: World, trail: Trail, region: str) -> str:
    now = world.now()
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    name = f"{trail.account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{suffix}.json.gz"
    return f"{_folder(trail.account, trail.prefix)}/CloudTrail/{region}/{now:%Y/%m/%d}/{name}"


def _folder(account: str, prefix: str) -> str:
    return f"{prefix}/AWSLogs/{account}" if prefix else f"AWSLogs/{account}"


def fault_of(account: str, bucket: str, prefix: str, trail_arn: str) -> str:
    """Why nothing can be delivered: NoSuchBucket, AccessDenied; empty when it can."""
    if moto_bridge.bucket_owner(bucket) is None:
        return "NoSuchBucket"
    rules = statements(moto_bridge.bucket_policy(bucket))
    whole = moto_bridge.object_arn(bucket)
    context = {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:SourceArn": trail_arn,
        "aws:SourceAccount": account,
        "aws:SecureTransport": "true",
    }
    asked = {"s3:GetBucketAcl": whole, "s3:PutObject": f"{whole}/{_folder(account, prefix)}/x"}
    allowed = all(
        decide(rules, action, resource, principal=SERVICE, context=context) is Decision.ALLOW
        for action, resource in asked.items()
    )
    return "" if allowed else "AccessDenied"
