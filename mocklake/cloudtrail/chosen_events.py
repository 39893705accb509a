"""Event selectors: which management events, and whose objects' events, a trail logs."""

from copy import deepcopy
from typing import Any

from mocklake.cloudtrail.store import Trail, trail_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.protocols import not_implemented
from mocklake.world import World

MOST = 5
MOST_RESOURCES = 250
EXCLUDABLE = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}


def put_event_selectors(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Basic selectors in place of the old ones; data events of S3 objects only."""
    if params.get("AdvancedEventSelectors"):
        raise not_implemented("cloudtrail", "PutEventSelectors with AdvancedEventSelectors")
    trail = trail_of(world, caller.account, params["TrailName"])
    if trail.region != caller.region:
        raise AwsError("InvalidHomeRegionException", f"The home region of the trail is {trail.region}.")
    given = deepcopy(params.get("EventSelectors", []))
    _check(given, caller)
    defaults = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    trail.selectors = [defaults | {"ExcludeManagementEventSources": []} | one for one in given]
    return _answer(trail)


def _check(selectors: list[dict[str, Any]], caller: Caller) -> None:
    if not 1 <= len(selectors) <= MOST:
        raise _invalid(f"A trail has 1 to {MOST} event selectors.")
    resources = [one for selector in selectors for one in selector.get("DataResources", [])]
    if any(one.get("Type") != "AWS::S3::Object" for one in resources):
        raise _invalid("mocklake logs data events of AWS::S3::Object only.")
    values = [value for one in resources for value in one.get("Values", [])]
    prefix = f"arn:{caller.partition}:s3"
    if len(values) > MOST_RESOURCES or not all(value.startswith(prefix) for value in values):
        raise _invalid("Value of DataResources is not valid.")
    for one in selectors:
        if one.get("ReadWriteType", "All") not in ("All", "ReadOnly", "WriteOnly"):
            raise _invalid("Invalid ReadWriteType.")
        if not set(one.get("ExcludeManagementEventSources", [])) <= EXCLUDABLE:
            raise _invalid(f"ExcludeManagementEventSources are of {', '.join(sorted(EXCLUDABLE))}.")


def get_event_selectors(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _answer(trail_of(world, caller.account, params["TrailName"]))


def _answer(trail: Trail) -> dict[str, Any]:
    return {"TrailARN": trail.arn, "EventSelectors": deepcopy(trail.selectors)}


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidEventSelectorsException", message)
