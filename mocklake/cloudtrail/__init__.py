"""AWS CloudTrail: a record of every call, in trails' log files, in the event history, and for EventBridge."""

from collections.abc import Callable
from typing import Any

from mocklake.cloudtrail import lookups, trails
from mocklake.cloudtrail.store import Store, new_store
from mocklake.iam.callers import Caller
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "AddTags": trails.add_tags,
    "CreateTrail": trails.create_trail,
    "DeleteTrail": trails.delete_trail,
    "DescribeTrails": trails.describe_trails,
    "GetEventSelectors": trails.get_event_selectors,
    "GetTrail": trails.get_trail,
    "GetTrailStatus": trails.get_trail_status,
    "ListTags": trails.list_tags,
    "ListTrails": trails.list_trails,
    "LookupEvents": lookups.lookup_events,
    "PutEventSelectors": trails.put_event_selectors,
    "RemoveTags": trails.remove_tags,
    "StartLogging": trails.start_logging,
    "StopLogging": trails.stop_logging,
    "UpdateTrail": trails.update_trail,
}

__all__ = ["HANDLERS", "Store", "new_store"]
