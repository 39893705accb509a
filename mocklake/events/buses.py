"""Event buses, who of other accounts may put events on them, and PutEvents: each entry taken or refused by itself."""

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.events import delivery
from mocklake.events.store import DEFAULT, Bus, bus_of, buses_of
from mocklake.iam.callers import Caller, decision_for, refusal
from mocklake.iam.policy_documents import Decision
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 100
LONGEST_POLICY = 10_240
_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,256}")
_ACCOUNT = re.compile(r"\d{12}|\*")
_STATEMENT = re.compile(r"[a-zA-Z0-9\-_]{1,64}")
_KEPT = ("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")
MOST = 10
LARGEST = 1024 * 1024
TIME = "%Y-%m-%dT%H:%M:%SZ"
_NEEDED = ("Source", "DetailType", "Detail")


def create_event_bus(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    buses, name = buses_of(world, caller.account, caller.region), str(params["Name"])
    if name in buses:
        raise AwsError("ResourceAlreadyExistsException", f"Event bus {name} already exists.")
    if not _NAME.fullmatch(name):
        raise _invalid(
            "Event bus name must not contain '/'." if "/" in name else f"Invalid event bus name {name}."
        )
    body = {member: params[member] for member in _KEPT if member in params}
    bus = buses[name] = Bus(caller.account, caller.region, name, world.now(), body)
    bus.tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])}
    return {"EventBusArn": bus.arn} | body


def describe_event_bus(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("Name"))
    return _answer(bus) | bus.body


def list_event_buses(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    buses, prefix = buses_of(world, caller.account, caller.region), params.get("NamePrefix", "")
    page, more = page_by_key(
        sorted(name for name in buses if name.startswith(prefix)),
        lambda name: _answer(buses[name]),
        token=params.get("NextToken"),
        size=min(params.get("Limit", PAGE), PAGE),
        code="ValidationException",
    )
    return {"EventBuses": page} | ({"NextToken": more} if more else {})


def delete_event_bus(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Deleting what is not there is no error; one with rules stays."""
    name = params["Name"].rsplit("/", 1)[-1]
    buses = buses_of(world, caller.account, caller.region)
    if name == DEFAULT:
        raise _invalid("Cannot delete event bus default.")
    if name in buses and buses[name].rules:
        raise _invalid(f"Event bus {name} can't be deleted since it has rules.")
    buses.pop(name, None)
    return {}


def put_permission(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """One statement for an account or everyone, or a whole policy in place of the old one."""
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    if "Policy" in params:
        bus.policy = _read(params["Policy"])
        return {}
    _check(params)
    who = params["Principal"]
    statement: dict[str, Any] = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": who if who == "*" else {"AWS": partitions.root_arn(who, caller.region)},
        "Action": params["Action"],
        "Resource": bus.arn,
    }
    condition = params.get("Condition")
    if condition:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    bus.policy[params["StatementId"]] = statement
    return {}


def _check(params: dict[str, Any]) -> None:
    who = params.get("Principal")
    if who is None or not _ACCOUNT.fullmatch(who):
        raise _invalid(f"Value {who} at 'principal' must match (\\d{{12}}|\\*).")
    if not _STATEMENT.fullmatch(params.get("StatementId", "")):
        raise _invalid("StatementId must match [a-zA-Z0-9-_]{1,64}.")
    if params.get("Action") != "events:PutEvents":
        raise _invalid("Provided value in parameter 'action' is not supported.")
    if params.get("Condition") and who != "*":
        raise _invalid(
            "Value of the parameter 'principal' must be '*' when the parameter 'condition' is set."
        )


def _read(text: str) -> dict[str, dict[str, Any]]:
    if len(text) > LONGEST_POLICY:
        raise AwsError(
            "PolicyLengthExceededException", f"The policy is longer than {LONGEST_POLICY} characters."
        )
    try:
        listed = json.loads(text)["Statement"]
        return {str(one["Sid"]): one for one in (listed if isinstance(listed, list) else [listed])}
    except (ValueError, KeyError, TypeError):
        raise _invalid("This policy contains invalid Json or a statement without a Sid.") from None


def remove_permission(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    if params.get("RemoveAllPermissions"):
        bus.policy.clear()
        return {}
    if not bus.policy:
        raise AwsError("ResourceNotFoundException", "EventBus does not have a policy.")
    if bus.policy.pop(params.get("StatementId", ""), None) is None:
        raise AwsError("ResourceNotFoundException", "Statement with the provided id does not exist.")
    return {}


def _answer(bus: Bus) -> dict[str, Any]:
    policy = (
        json.dumps({"Version": "2012-10-17", "Statement": list(bus.policy.values())}) if bus.policy else None
    )
    shown = {
        "Name": bus.name,
        "Arn": bus.arn,
        "CreationTime": bus.created_at,
        "LastModifiedTime": bus.created_at,
    }
    described = {"Description": bus.body["Description"]} if "Description" in bus.body else {}
    return shown | described | ({"Policy": policy} if policy else {})


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def put_events(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """At most ten entries of together 1 MB; a bus of another account asks its policy."""
    entries = params["Entries"]
    if not 1 <= len(entries) <= MOST:
        text = f"1 validation error detected: Value at 'entries' must have length between 1 and {MOST}"
        raise AwsError("ValidationException", text)
    if sum(_size(entry) for entry in entries) > LARGEST:
        raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
    answers = [_put(world, caller, entry) for entry in entries]
    return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}


def _size(entry: dict[str, Any]) -> int:
    texts = [entry.get(name, "") for name in _NEEDED] + list(entry.get("Resources", []))
    return sum(len(str(text).encode("utf-8", "surrogatepass")) for text in texts)


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
