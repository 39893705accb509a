"""Rules: made, shown, switched on and off, deleted; their targets, and what a target is handed of an event.

Source: EventBridge user guide, "Amazon EventBridge input transformation".
"""

import json
import re
from typing import Any

from mocklake import partitions
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
TARGETS_OF_A_RULE = 5
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>sqs|events):(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<rest>.+)"
)
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+)\]")
_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_-]+|\['[^']+'\]|\[\d+\])*")
_PLACE = re.compile(r"<([A-Za-z0-9._-]+)>")
_WAYS = ("Input", "InputPath", "InputTransformer")
MISSING = object()
MOST = 50


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
        rule.tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])}
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
        if any(target["Arn"] == params["TargetArn"] for target in rule.targets.values())
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
        return _fault_of_queue(bus, target, found) or fault_of(target)
    if not found["rest"].startswith("event-bus/"):
        return f"Parameter {target['Arn']} is not valid. Reason: it is no event bus."
    if target["Arn"] == bus.arn:
        return "A rule's target cannot be its own event bus."
    return fault_of(target)


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


def fault_of(target: dict[str, Any]) -> str:
    """Why the target's input cannot be; empty when it can."""
    if sum(one in target for one in _WAYS) > 1:
        return f"Only one of {', '.join(_WAYS)} must be provided for target {target['Id']}."
    transformer = target.get("InputTransformer", {})
    paths = (
        [target["InputPath"]]
        if "InputPath" in target
        else list(transformer.get("InputPathsMap", {}).values())
    )
    wrong = next((path for path in paths if not _PATH.fullmatch(path)), None)
    if wrong is not None:
        return f"Invalid JSONPath {wrong} for target {target['Id']}."
    reserved = next((one for one in transformer.get("InputPathsMap", {}) if one.startswith("AWS")), None)
    if reserved is not None:
        return f"Invalid InputPathsMap key {reserved}: it must not start with AWS."
    return ""


def body_for(target: dict[str, Any], event: dict[str, Any], *, rule_arn: str) -> str:
    """The text that is sent to the target."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_none_for_missing(_at(target["InputPath"], event)))
    if "InputTransformer" not in target:
        return json.dumps(event)
    transformer = target["InputTransformer"]
    values = {name: _at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    return _filled(transformer["InputTemplate"], values)


def _filled(template: str, values: dict[str, Any]) -> str:
    """A text is put in with quotes unless it stands inside quotes; what is missing stands as an empty text."""
    filled, end = [], 0
    for place in _PLACE.finditer(template):
        if place[1] not in values:
            continue
        filled.append(template[end : place.start()])
        inside = "".join(filled).replace('\\"', "").count('"') % 2 == 1
        filled.append(_shown(values[place[1]], inside=inside))
        end = place.end()
    return "".join(filled) + template[end:]


def _shown(value: Any, *, inside: bool) -> str:
    if value is MISSING:
        value = ""
    if not inside:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]


def _at(path: str, event: Any) -> Any:
    """A JSON path of names and indexes, `$` the event itself."""
    found = event
    for name, quoted, index in _STEP.findall(path[1:]):
        key: Any = int(index) if index else name or quoted
        known = isinstance(found, dict) if isinstance(key, str) else isinstance(found, list)
        try:
            found = found[key] if known else MISSING
        except (KeyError, IndexError):
            return MISSING
    return found


def _none_for_missing(value: Any) -> Any:
    return None if value is MISSING else value


def tag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(world, caller, params["ResourceARN"])
    fresh = {tag["Key"]: tag["Value"] for tag in params["Tags"]}
    if len(tags | fresh) > MOST:
        raise AwsError("ValidationException", f"A resource has at most {MOST} tags.")
    tags.update(fresh)
    return {}


def untag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(world, caller, params["ResourceARN"])
    for key in params["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(world, caller, params["ResourceARN"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}


def _tags(world: World, caller: Caller, arn: str) -> dict[str, str]:
    kind, _, path = arn.rsplit(":", 1)[-1].partition("/")
    if kind == "event-bus":
        return bus_of(world, caller.account, caller.region, path).tags
    bus, _, name = path.rpartition("/")
    return rule_of(bus_of(world, caller.account, caller.region, bus or DEFAULT), name).tags
