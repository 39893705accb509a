"""Event buses, and who of other accounts may put events on them."""

import json
import re
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.events.store import DEFAULT, Bus, bus_of, buses_of
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 100
LONGEST_POLICY = 10_240
_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,256}")
_ACCOUNT = re.compile(r"\d{12}|\*")
_STATEMENT = re.compile(r"[a-zA-Z0-9\-_]{1,64}")
_KEPT = ("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")


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
    bus.tags = {one["Key"]: one["Value"] for one in params.get("Tags", [])}
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
