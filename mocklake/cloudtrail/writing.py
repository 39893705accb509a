"""Where a record goes: into the account's history, to the trails that log it, and on to EventBridge."""

import json
from collections import deque
from datetime import timedelta
from typing import Any

from mocklake import partitions
from mocklake.cloudtrail.records import Record
from mocklake.cloudtrail.store import PENDING_KEPT, Remembered, Store, Trail, store_of
from mocklake.world import World

GLOBAL = ("iam.amazonaws.com",)


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
    return any(_selects(one, record) for one in trail.selectors)


def _selects(selector: dict[str, Any], record: Record) -> bool:
    wanted = selector.get("ReadWriteType", "All")
    if wanted != "All" and (wanted == "ReadOnly") is not record["readOnly"]:
        return False
    if record["eventCategory"] == "Management":
        excluded = record["eventSource"] in selector.get("ExcludeManagementEventSources", [])
        return bool(selector.get("IncludeManagementEvents", True)) and not excluded
    return any(_names(one, record) for one in selector.get("DataResources", []))


def _names(resource: dict[str, Any], record: Record) -> bool:
    """Objects by the beginning of their ARN, `arn:aws:s3` (or that of another partition) all of them."""
    asked = record["requestParameters"] or {}
    if record["eventSource"] != "s3.amazonaws.com" or resource.get("Type") != "AWS::S3::Object":
        return False
    arn = f"arn:{partitions.of_region(record['awsRegion'])}:s3:::{asked.get('bucketName', '')}/{asked.get('key', '')}"
    return any(arn.startswith(one) for one in resource.get("Values", []))
