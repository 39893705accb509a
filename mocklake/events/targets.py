"""Targets of rules: queues and event buses are delivered to, everything else is refused when it is put."""

import re
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.events import inputs
from mocklake.events.store import Bus, bus_of, rule_of
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

TARGETS_OF_A_RULE = 5
PAGE = 100
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>sqs|events):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<rest>.+)"
)


def put_targets(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Targets are replaced by their id; those that are wrong are told one by one, the others are taken."""
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    rule = rule_of(bus, params["Rule"])
    failed = []
    wanted = {**rule.targets, **{one["Id"]: one for one in params["Targets"]}}
    if len(wanted) > TARGETS_OF_A_RULE:
        raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    for target in params["Targets"]:
        reason = _fault_of(bus, target)
        if reason:
            failed.append(
                {"TargetId": target["Id"], "ErrorCode": "ValidationException", "ErrorMessage": reason}
            )
        else:
            rule.targets[target["Id"]] = target
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


def _fault_of(bus: Bus, target: dict[str, Any]) -> str:
    """Why the target cannot be; empty when it can."""
    found = _ARN.fullmatch(target["Arn"])
    if found is None or found["partition"] != partitions.of_region(bus.region):
        return f"Parameter {target['Arn']} is not valid. Reason: mocklake delivers to SQS queues and event buses."
    if found["service"] == "sqs":
        return _fault_of_queue(bus, target, found) or inputs.fault_of(target)
    if not found["rest"].startswith("event-bus/"):
        return f"Parameter {target['Arn']} is not valid. Reason: it is no event bus."
    if target["Arn"] == bus.arn:
        return "A rule's target cannot be its own event bus."
    return inputs.fault_of(target)


def _fault_of_queue(bus: Bus, target: dict[str, Any], found: re.Match[str]) -> str:
    """A queue of another account needs a role (EventBridge user guide, cross-account targets)."""
    if found["rest"].endswith(".fifo") and not target.get("SqsParameters"):
        return f"Parameter(s) SqsParameters must be specified for target: {target['Id']}."
    if found["account"] != bus.account and not target.get("RoleArn"):
        return "RoleArn is required for target in another account."
    if found["region"] != bus.region:
        return "The target queue must be in the rule's region."
    return ""


def remove_targets(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """An id that the rule does not have is no error."""
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    rule = rule_of(bus, params["Rule"])
    for one in params["Ids"]:
        rule.targets.pop(one, None)
    return {"FailedEntryCount": 0, "FailedEntries": []}


def list_targets_by_rule(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    rule = rule_of(bus, params["Rule"])
    page, more = page_by_key(
        sorted(rule.targets),
        lambda key: rule.targets[key],
        token=params.get("NextToken"),
        size=min(params.get("Limit", PAGE), PAGE),
        code="ValidationException",
    )
    return {"Targets": page} | ({"NextToken": more} if more else {})
