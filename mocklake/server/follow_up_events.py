"""What follows a call that was served: its record in CloudTrail, Glue's events, and both on EventBridge."""

from datetime import datetime
from typing import Any

from mocklake.cloudtrail import trails
from mocklake.cloudtrail.records import Record, records_of, write_down
from mocklake.cloudtrail.store import store_of as trail_store
from mocklake.events import delivery, glue_changes
from mocklake.events.buses import envelope
from mocklake.events.store import store_of as event_store
from mocklake.faults.injected import Faults
from mocklake.iam.principals import record_creation
from mocklake.served_call import Happening
from mocklake.world import World

BY_CLOUDTRAIL = "AWS API Call via CloudTrail"


def follow(world: World, faults: Faults, happening: Happening) -> None:
    """Asked once for each call, after its handler, under the world's lock."""
    if happening.caller is None:
        return
    if happening.service == "iam" and not happening.failed:
        record_creation(world, happening.caller.account, happening.operation, happening.parameters)
    _tell_of_glue(world, faults, happening)
    for record in records_of(world, happening):
        write_down(world, record)
    _tell_of_records(world, faults)


def _tell_of_glue(world: World, faults: Faults, happening: Happening) -> None:
    owner = glue_changes.owner_of(happening)
    if owner not in world.accounts:
        return
    for detail_type, resources, detail in glue_changes.changes_of(happening):
        event = envelope(
            world,
            account=owner,
            region=happening.region,
            source="aws.glue",
            detail_type=detail_type,
            resources=resources,
            detail=detail,
        )
        delivery.send(world, faults, event, change=happening.operation)


def _tell_of_records(world: World, faults: Faults) -> None:
    """Emits events of the records that a trail logs (EventBridge user guide, "AWS service events delivered via AWS CloudTrail")."""
    fresh = trail_store(world).fresh
    while fresh:
        record: Record = fresh.pop(0)
        event = envelope(
            world,
            account=record["recipientAccountId"],
            region=record["awsRegion"],
            source=f"aws.{record['eventSource'].partition('.')[0]}",
            detail_type=BY_CLOUDTRAIL,
            resources=[],
            detail=record,
        )
        read_only = record["readOnly"] and record["eventCategory"] == "Management"
        delivery.send(world, faults, event, change=record["eventName"], read_only=read_only)


def arrive(world: World) -> bool:
    """Delivers the events that are due by mocklake's clock; whether any was."""
    return delivery.arrive(world)


def deliver_files(world: World) -> bool:
    """Delivers the log files that are due by mocklake's clock; whether any was."""
    return trails.deliver_due(world)


def find_due(world: World) -> datetime | None:
    """When the next event or log file is due."""
    moments = [trail_store(world).due, *(held.due for held in event_store(world).held)]
    return min((moment for moment in moments if moment), default=None)


def set_trail(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    """Delivers all that is pending; `interval_seconds` is the time between files from now on."""
    unknown = asked.keys() - {"interval_seconds"}
    seconds = asked.get("interval_seconds", 0)
    if unknown or isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
        raise ValueError("trail takes interval_seconds, a number from 0 on")
    with world.lock:
        if "interval_seconds" in asked:
            trail_store(world).interval_seconds = float(seconds)
        return {"files": trails.deliver(world)}


def failed_deliveries(world: World) -> list[dict[str, str]]:
    with world.lock:
        return list(event_store(world).failures)
