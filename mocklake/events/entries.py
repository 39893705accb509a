"""PutEvents: a client's own events, each entry taken or refused by itself."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from mocklake.errors import AwsError
from mocklake.events import delivery
from mocklake.events.store import Bus, bus_of, buses_of
from mocklake.iam.caller_policies import decision_for, refusal
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision
from mocklake.world import World

MOST = 10
LARGEST = 1024 * 1024
TIME = "%Y-%m-%dT%H:%M:%SZ"
_NEEDED = ("Source", "DetailType", "Detail")


def put_events(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """At most ten entries of together 1 MB; a bus of another account asks its policy."""
    entries = params["Entries"]
    if not 1 <= len(entries) <= MOST:
        text = f"1 validation error detected: Value at 'entries' must have length between 1 and {MOST}"
        raise AwsError("ValidationException", text)
    if sum(_size(one) for one in entries) > LARGEST:
        raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
    answers = [_put(world, caller, entry) for entry in entries]
    return {"FailedEntryCount": sum("ErrorCode" in one for one in answers), "Entries": answers}


def _size(entry: dict[str, Any]) -> int:
    texts = [entry.get(name, "") for name in _NEEDED] + list(entry.get("Resources", []))
    return sum(len(str(one).encode("utf-8", "surrogatepass")) for one in texts)


def _put(world: World, caller: Caller, entry: dict[str, Any]) -> dict[str, Any]:
    try:
        detail = _checked(entry)
        bus = _bus(world, caller, entry.get("EventBusName"))
    except AwsError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message}
    event = envelope(
        world,
        account=caller.account,
        region=bus.region,
        source=entry["Source"],
        detail_type=entry["DetailType"],
        resources=entry.get("Resources", []),
        detail=detail,
        time=_time(entry.get("Time")),
    )
    delivery.publish(world, bus, event, forwarded=bus.account != caller.account)
    return {"EventId": event["id"]}


def _checked(entry: dict[str, Any]) -> Any:
    for name in _NEEDED:
        if not entry.get(name):
            text = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            raise AwsError("InvalidArgument", text)
    if str(entry["Source"]).startswith("aws."):
        raise AwsError("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        raise AwsError("MalformedDetail", "Detail is malformed.") from None
    if not isinstance(detail, dict):
        raise AwsError("MalformedDetail", "Detail is malformed.")
    return detail


def _bus(world: World, caller: Caller, named: str | None) -> Bus:
    """The caller's own by name or ARN, or one of another account whose policy lets the caller in."""
    account, region = _place(caller, named)
    if account == caller.account:
        bus = bus_of(world, account, region, named)
        _require(caller, bus)
        return bus
    name = str(named).rsplit("/", 1)[-1]
    found = buses_of(world, account, region).get(name) if account in world.accounts else None
    if found is None or not delivery.may_put(found, caller.arn):
        raise AwsError(
            "AccessDeniedException", f"User: {caller.session_arn} is not authorized to put events on {named}"
        )
    _require(caller, found)
    return found


def _place(caller: Caller, named: str | None) -> tuple[str, str]:
    parts = (named or "").split(":")
    return (parts[4], parts[3]) if len(parts) > 5 else (caller.account, caller.region)  # noqa: PLR2004


def _require(caller: Caller, bus: Bus) -> None:
    decision = decision_for(caller, "events:PutEvents", bus.arn)
    if decision is not Decision.ALLOW:
        raise AwsError(
            "AccessDeniedException", refusal(caller.session_arn, "events:PutEvents", bus.arn, decision)
        )


def _time(given: Any) -> datetime | None:
    return None if given is None else datetime.fromtimestamp(float(given), UTC)


def envelope(
    world: World,
    *,
    account: str,
    region: str,
    source: str,
    detail_type: str,
    resources: list[str],
    detail: dict[str, Any],
    time: datetime | None = None,
) -> dict[str, Any]:
    """An event as it goes over a bus (EventBridge events reference, event structure)."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": (time or world.now()).strftime(TIME),
        "region": region,
        "resources": resources,
        "detail": detail,
    }
