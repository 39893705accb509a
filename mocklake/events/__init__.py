"""Amazon EventBridge: rules with patterns, delivered to queues and to buses of this and other accounts."""

from collections.abc import Callable
from typing import Any

from mocklake.events import buses, rules
from mocklake.events.store import Store, new_store
from mocklake.iam.callers import Caller
from mocklake.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "CreateEventBus": buses.create_event_bus,
    "DeleteEventBus": buses.delete_event_bus,
    "DeleteRule": rules.delete_rule,
    "DescribeEventBus": buses.describe_event_bus,
    "DescribeRule": rules.describe_rule,
    "DisableRule": rules.disable_rule,
    "EnableRule": rules.enable_rule,
    "ListEventBuses": buses.list_event_buses,
    "ListRuleNamesByTarget": rules.list_rule_names_by_target,
    "ListRules": rules.list_rules,
    "ListTagsForResource": rules.list_tags_for_resource,
    "ListTargetsByRule": rules.list_targets_by_rule,
    "PutEvents": buses.put_events,
    "PutPermission": buses.put_permission,
    "PutRule": rules.put_rule,
    "PutTargets": rules.put_targets,
    "RemovePermission": buses.remove_permission,
    "RemoveTargets": rules.remove_targets,
    "TagResource": rules.tag_resource,
    "TestEventPattern": rules.try_event_pattern,
    "UntagResource": rules.untag_resource,
}

__all__ = ["HANDLERS", "Store", "new_store"]
