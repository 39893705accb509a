"""From a bus to what its rules send it to: queues of the account, other buses, also those of other accounts.

A delivery either lands at once or is a failure: it then goes to the target's dead-letter queue, if it has one,
and is kept for the control API. AWS would try again for a day.
"""

import json
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.events import inputs, patterns
from mocklake.events.rules import READS_TOO
from mocklake.events.store import Bus, Rule, buses_of, store_of
from mocklake.iam.caller_policies import identity_decision
from mocklake.iam.policy_documents import Decision, decide, names, statements
from mocklake.world import World

SERVICE = "events.amazonaws.com"
Event = dict[str, Any]


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
            _to_queue(bus, target, inputs.body_for(target, event, rule_arn=rule_arn), rule_arn)
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
