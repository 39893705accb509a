"""From a bus to what its rules send it to: queues of the account, other buses, also those of other accounts.

A delivery either lands at once or is a failure: it then goes to the target's dead-letter queue, if it has one,
and is kept for the control API. AWS would try again for a day.

Chance comes from each fault's own seed, so the same changes in the same order meet the same fate. What is on
its way is part of the snapshot; it arrives when mocklake's clock says so.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.events import patterns, rules
from mocklake.events.rules import READS_TOO
from mocklake.events.store import Bus, Held, Rule, buses_of, store_of
from mocklake.faults.injected import Faults
from mocklake.iam.callers import identity_decision
from mocklake.iam.policy_documents import Decision, decide, names, statements
from mocklake.world import World

SERVICE = "events.amazonaws.com"
Event = dict[str, Any]
KINDS = ("event_missing", "event_twice", "event_late", "event_overtaken")
OVERTAKEN_AT_MOST = 60_000
"""Milliseconds after which an event that nothing overtook comes all the same."""


class UndeliverableError(Exception):
    """`code` and text are what EventBridge writes into the dead letter's attributes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def publish(
    world: World, bus: Bus, event: Event, *, read_only: bool = False, forwarded: bool = False
) -> None:
    """Hands the event to every rule of the bus that it fits.

    `read_only` are CloudTrail's events of reads, which only rules in a state of their own receive. An event that
    another bus `forwarded` is not forwarded to a further account.
    """
    for rule in list(bus.rules.values()):
        if (
            _receives(rule, read_only=read_only)
            and rule.pattern is not None
            and patterns.fits(rule.pattern, event)
        ):
            for target in list(rule.targets.values()):
                _send(world, bus, rule, target, event, forwarded=forwarded)


def _receives(rule: Rule, *, read_only: bool) -> bool:
    return rule.state == READS_TOO or (rule.state == "ENABLED" and not read_only)


def _send(
    world: World, bus: Bus, rule: Rule, target: dict[str, Any], event: Event, *, forwarded: bool
) -> None:
    rule_arn = bus.arn_of(rule.name)
    try:
        if ":sqs:" in target["Arn"]:
            _to_queue(bus, target, rules.body_for(target, event, rule_arn=rule_arn), rule_arn)
        else:
            _to_bus(world, bus, target, event, forwarded=forwarded)
    except UndeliverableError as error:
        failure = {"rule": rule_arn, "target": target["Arn"], "code": error.code, "reason": str(error)}
        store_of(world).failures.append(failure)
        _bury(bus, target, event, failure)


def _to_queue(bus: Bus, target: dict[str, Any], body: str, rule_arn: str) -> None:
    queue = target["Arn"]
    if target.get("RoleArn"):
        _check_role(target["RoleArn"], "sqs:SendMessage", queue)
    owner = queue.split(":")[4]
    if owner != bus.account or not target.get("RoleArn"):
        who = target["RoleArn"] if owner != bus.account else SERVICE
        _check_queue(queue, who, {"aws:SourceArn": rule_arn, "aws:SourceAccount": bus.account})
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    _put(queue, body, group)


def _put(queue: str, body: str, group: str | None = None, **attributes: str) -> None:
    reason = moto_bridge.send_to_queue(queue, body, group=group, attributes=attributes)
    if reason:
        raise UndeliverableError("INVALID_PARAMETER" if group else "RESOURCE_NOT_FOUND", reason)


def _check_queue(queue: str, who: str, context: dict[str, str]) -> None:
    rules = statements(moto_bridge.queue_policy(queue))
    if decide(rules, "sqs:SendMessage", queue, principal=who, context=context) is not Decision.ALLOW:
        raise UndeliverableError("NO_PERMISSIONS", f"The policy of {queue} does not let {who} send messages.")


def _check_role(arn: str, action: str, resource: str) -> None:
    """The role must let EventBridge assume it and be allowed the action itself."""
    role = moto_bridge.role(arn.split(":")[4], arn.rsplit("/", 1)[1])
    trust = statements(role.assume_role_policy_document) if role else []
    trusted = any(rule.get("Effect") == "Allow" and names(rule, SERVICE) for rule in trust)
    if not trusted or identity_decision(arn, action, resource) is not Decision.ALLOW:
        raise UndeliverableError("NO_PERMISSIONS", f"The role {arn} may not {action} on {resource}.")


def _to_bus(world: World, bus: Bus, target: dict[str, Any], event: Event, *, forwarded: bool) -> None:
    region, account, name = target["Arn"].split(":", 5)[3:]
    there = (
        buses_of(world, account, region).get(name.removeprefix("event-bus/"))
        if account in world.accounts
        else None
    )
    if there is None:
        raise UndeliverableError("RESOURCE_NOT_FOUND", f"There is no event bus {target['Arn']}.")
    if target.get("RoleArn"):
        _check_role(target["RoleArn"], "events:PutEvents", there.arn)
    if account != bus.account:
        if forwarded:
            raise UndeliverableError("NO_PERMISSIONS", "An event is not sent on to a third account.")
        _check_bus(there, target.get("RoleArn") or partitions.root_arn(bus.account, bus.region))
    publish(world, there, event, forwarded=forwarded or account != bus.account)


def _check_bus(bus: Bus, who: str) -> None:
    if not may_put(bus, who):
        raise UndeliverableError("NO_PERMISSIONS", f"The policy of {bus.arn} does not let {who} put events.")


def may_put(bus: Bus, principal: str) -> bool:
    """Whether the bus's own policy lets someone of another account put events."""
    rules = list(bus.policy.values())
    return decide(rules, "events:PutEvents", bus.arn, principal=principal) is Decision.ALLOW


def _bury(bus: Bus, target: dict[str, Any], event: Event, failure: dict[str, str]) -> None:
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    if not queue:
        return
    context = {"aws:SourceArn": failure["rule"], "aws:SourceAccount": bus.account}
    try:
        _check_queue(queue, SERVICE, context)
        _put(
            queue,
            json.dumps(event),
            RULE_ARN=failure["rule"],
            TARGET_ARN=failure["target"],
            ERROR_CODE=failure["code"],
            ERROR_MESSAGE=failure["reason"],
        )
    except UndeliverableError:
        return


def send(
    world: World, faults: Faults, event: dict[str, Any], *, change: str, read_only: bool = False
) -> None:
    """Brings an event to the default bus of its account and region, or holds it back, or loses it.

    Faults match the event's source without `aws.` as service and `change` as operation.
    """
    asked = (event["source"].removeprefix("aws."), change, event["account"])
    fate = {kind: _worst(faults, kind, asked) for kind in KINDS}
    if fate["event_missing"] is not None:
        return
    for _ in range(2 if fate["event_twice"] is not None else 1):
        if fate["event_late"] is not None:
            _hold(world, event, fate["event_late"])
        elif fate["event_overtaken"] is not None:
            _hold(world, event, fate["event_overtaken"] or OVERTAKEN_AT_MOST, until_next=True)
        else:
            _publish(world, event, read_only=read_only)
    if fate["event_late"] is None and fate["event_overtaken"] is None:
        _let_past(world, event)


def _worst(faults: Faults, kind: str, asked: tuple[str, str, str]) -> int | None:
    """The longest delay of the faults of this kind that strike; None when none does."""
    struck = [one for one in faults.standing(kind, *asked) if not one.rate or faults.draw(one, 1)[0]]
    return max((one.milliseconds for one in struck), default=None)


def _hold(world: World, event: dict[str, Any], milliseconds: int, *, until_next: bool = False) -> None:
    due = world.now() + timedelta(milliseconds=milliseconds)
    store_of(world).held.append(Held(due, event["account"], event["region"], event, until_next))


def _let_past(world: World, event: dict[str, Any]) -> None:
    """Delivers events that waited for a later event to go by."""
    place = (event["account"], event["region"])
    for one in _taken(world, lambda held: held.until_next and (held.account, held.region) == place):
        _publish(world, one.event)


def arrive(world: World) -> bool:
    """Delivers what is due by mocklake's clock; whether anything was."""
    if not store_of(world).held:
        return False
    now, arrived = world.now(), False
    for one in _taken(world, lambda held: held.due <= now):
        _publish(world, one.event)
        arrived = True
    return arrived


def _taken(world: World, is_due: Any) -> Iterator[Held]:
    store = store_of(world)
    due = [one for one in store.held if is_due(one)]
    store.held = [one for one in store.held if not is_due(one)]
    yield from sorted(due, key=lambda one: one.due)


def _publish(world: World, event: dict[str, Any], *, read_only: bool = False) -> None:
    bus = buses_of(world, event["account"], event["region"])["default"]
    publish(world, bus, event, read_only=read_only)
