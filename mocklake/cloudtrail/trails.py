"""Trails: made, changed, shown, started, stopped, deleted."""

import re
from datetime import datetime
from typing import Any

from mocklake.cloudtrail.log_files import fault_of
from mocklake.cloudtrail.store import Trail, store_of, trail_of, trails_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.protocols import not_implemented
from mocklake.world import World

TRAILS_IN_A_REGION = 5
_NAME = re.compile(r"[A-Za-z0-9](?:[._-]?[A-Za-z0-9])+")
_BEYOND = ("SnsTopicName", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId")
_FLAGS_BEYOND = ("EnableLogFileValidation", "IsOrganizationTrail")
LONGEST_NAME, SHORTEST_NAME = 128, 3


def create_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The bucket must be there and let CloudTrail in; logging begins with StartLogging."""
    name, trails = str(params["Name"]), store_of(world).trails
    _check_name(name)
    _check_beyond("CreateTrail", params)
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
    return _summary(trail)


def update_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays."""
    trail = _own(world, caller, params["Name"])
    _check_beyond("UpdateTrail", params)
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
    return _summary(trail)


def delete_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What is not delivered yet is lost with it; files stay."""
    trail = _own(world, caller, params["Name"])
    del store_of(world).trails[trail.account, trail.name]
    return {}


def get_trail(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return {"Trail": _described(_seen(world, caller, params["Name"]))}


def describe_trails(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With the trails of all regions unless `includeShadowTrails` is false; unknown names are left out."""
    found = trails_of(world, caller.account, caller.region)
    if not params.get("includeShadowTrails", True):
        found = [one for one in found if one.region == caller.region]
    wanted = params.get("trailNameList")
    chosen = [one for one in found if not wanted or {one.name, one.arn} & set(wanted)]
    return {"trailList": [_described(one) for one in chosen]}


def list_trails(world: World, caller: Caller, _params: dict[str, Any]) -> dict[str, Any]:
    """Of all regions."""
    trails = [one for (owner, _), one in sorted(store_of(world).trails.items()) if owner == caller.account]
    return {"Trails": [{"TrailARN": one.arn, "Name": one.name, "HomeRegion": one.region} for one in trails]}


def start_logging(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _own(world, caller, params["Name"])
    trail.logging, trail.started = True, world.now()
    return {}


def stop_logging(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What was logged before is still delivered."""
    trail = _own(world, caller, params["Name"])
    trail.logging, trail.stopped = False, world.now()
    return {}


def get_trail_status(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _seen(world, caller, params["Name"])
    times = {
        "LatestDeliveryTime": trail.delivered,
        "StartLoggingTime": trail.started,
        "StopLoggingTime": trail.stopped,
    }
    texts = {
        "LatestDeliveryError": trail.error,
        "LatestDeliveryAttemptTime": _text(trail.attempted),
        "LatestDeliveryAttemptSucceeded": _text(trail.delivered),
        "TimeLoggingStarted": _text(trail.started),
        "TimeLoggingStopped": _text(trail.stopped),
    }
    shown = {name: value for name, value in times.items() if value is not None}
    return {"IsLogging": trail.logging} | shown | {name: text for name, text in texts.items() if text}


def _text(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""


def _own(world: World, caller: Caller, named: str) -> Trail:
    """To be changed only from where it was made."""
    trail = _seen(world, caller, named)
    if trail.region != caller.region:
        text = f"Trail {trail.name} must be changed in its home region {trail.region}."
        raise AwsError("InvalidHomeRegionException", text)
    return trail


def _seen(world: World, caller: Caller, named: str) -> Trail:
    if not named.startswith("arn:"):
        _check_name(named)
    trail = trail_of(world, caller.account, named)
    if not trail.is_seen_in(caller.region):
        raise AwsError("TrailNotFoundException", f"Unknown trail: {named} for the user: {caller.account}")
    return trail


def _check_name(name: str) -> None:
    if not (SHORTEST_NAME <= len(name) <= LONGEST_NAME and _NAME.fullmatch(name)):
        raise AwsError("InvalidTrailNameException", f"Trail name {name} is not valid.")


def _check_beyond(operation: str, params: dict[str, Any]) -> None:
    """Digests, notifications, CloudWatch, encryption and organisations' trails are not played."""
    if any(params.get(name) for name in (*_BEYOND, *_FLAGS_BEYOND)):
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


def _summary(trail: Trail) -> dict[str, Any]:
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


def _described(trail: Trail) -> dict[str, Any]:
    custom = any(
        one.get("DataResources")
        or one.get("ReadWriteType") != "All"
        or one.get("ExcludeManagementEventSources")
        for one in trail.selectors
    )
    more = {"HomeRegion": trail.region, "HasCustomEventSelectors": custom, "HasInsightSelectors": False}
    return _summary(trail) | more
