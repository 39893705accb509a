"""Rules: made, shown, switched on and off, deleted; and a pattern tried on an event."""

import json
import re
from typing import Any

from mocklake.errors import AwsError
from mocklake.events import patterns
from mocklake.events.store import DEFAULT, Bus, Rule, bus_of, rule_of
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

RULES_ON_A_BUS = 300
PAGE = 100
READS_TOO = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
STATES = ("ENABLED", "DISABLED", READS_TOO)
_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
_SCHEDULE = re.compile(r"(cron|rate)\(.+\)")
_SHOWN = ("Description", "EventPattern", "ScheduleExpression", "RoleArn")


def put_rule(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Makes the rule or replaces all but its targets and tags."""
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    name = str(params["Name"])
    _check(bus, name, params)
    text = params.get("EventPattern")
    old = bus.rules.get(name)
    if old is None and len(bus.rules) >= RULES_ON_A_BUS:
        raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    pattern = patterns.read(text) if text else None
    body = {member: params[member] for member in _SHOWN if member in params}
    rule = Rule(name, body, pattern, params.get("State", "ENABLED"))
    if old is not None:
        rule.targets, rule.tags = old.targets, old.tags
    else:
        rule.tags = {one["Key"]: one["Value"] for one in params.get("Tags", [])}
    bus.rules[name] = rule
    return {"RuleArn": bus.arn_of(name)}


def _check(bus: Bus, name: str, params: dict[str, Any]) -> None:
    if not _NAME.fullmatch(name):
        raise _invalid(f"Value '{name}' at 'name' failed to satisfy constraint: {_NAME.pattern}")
    if not params.get("EventPattern") and not params.get("ScheduleExpression"):
        raise _invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    schedule = params.get("ScheduleExpression")
    if schedule and bus.name != DEFAULT:
        raise _invalid("ScheduleExpression is supported only on the default event bus.")
    if schedule and not _SCHEDULE.fullmatch(schedule):
        raise _invalid("Parameter ScheduleExpression is not valid.")
    if params.get("State", "ENABLED") not in STATES:
        raise _invalid(f"State is one of {', '.join(STATES)}.")


def describe_rule(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    return _answer(bus, rule_of(bus, params["Name"])) | {"CreatedBy": bus.account}


def list_rules(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    prefix = params.get("NamePrefix", "")
    names = sorted(name for name in bus.rules if name.startswith(prefix))
    page, more = _page(params, names, lambda name: _answer(bus, bus.rules[name]))
    return {"Rules": page} | more


def list_rule_names_by_target(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    names = sorted(
        name
        for name, rule in bus.rules.items()
        if any(one["Arn"] == params["TargetArn"] for one in rule.targets.values())
    )
    page, more = _page(params, names, lambda name: name)
    return {"RuleNames": page} | more


def _page(params: dict[str, Any], keys: list[str], load: Any) -> tuple[list[Any], dict[str, str]]:
    page, more = page_by_key(
        keys,
        load,
        token=params.get("NextToken"),
        size=min(params.get("Limit", PAGE), PAGE),
        code="ValidationException",
    )
    return page, ({"NextToken": more} if more else {})


def delete_rule(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while it has targets; deleting what is not there is no error."""
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    found = bus.rules.get(params["Name"])
    if found is not None and found.targets:
        raise _invalid("Rule can't be deleted since it has targets.")
    bus.rules.pop(params["Name"], None)
    return {}


def enable_rule(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    rule_of(bus, params["Name"]).state = "ENABLED"
    return {}


def disable_rule(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    bus = bus_of(world, caller.account, caller.region, params.get("EventBusName"))
    rule_of(bus, params["Name"]).state = "DISABLED"
    return {}


def try_event_pattern(_world: World, _caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The event must be a whole one (API reference, TestEventPattern)."""
    try:
        event = json.loads(params["Event"])
    except ValueError:
        raise _invalid("Parameter Event is not valid.") from None
    needed = {"id", "account", "source", "time", "region", "resources", "detail-type"}
    if not isinstance(event, dict) or not needed <= event.keys():
        raise _invalid("Parameter Event is not valid.")
    return {"Result": patterns.fits(patterns.read(params["EventPattern"]), event)}


def _answer(bus: Bus, rule: Rule) -> dict[str, Any]:
    return {
        "Name": rule.name,
        "Arn": bus.arn_of(rule.name),
        "State": rule.state,
        "EventBusName": bus.name,
    } | rule.body


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
