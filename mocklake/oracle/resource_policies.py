"""Whether a catalog's resource policy lets another account's principal read a table: the oracle's own reading.

AWS Glue Developer Guide, cross-account-access: the catalog, the database and the table must be allowed, each by its
ARN. A statement with a condition or a negated element allows nothing here.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from mocklake import partitions
from mocklake.world import World

ACTION = "glue:gettable"


def opens(world: World, account: str, region: str, arns: tuple[str, ...], principal: str) -> bool:
    """`arns` are all that the call touches; a policy opens nothing to principals of another partition."""
    if partitions.of_arn(principal) != partitions.of_region(region):
        return False
    kept = world.stores.get("glue.policies")
    policy = kept.by_place.get((account, region)) if kept else None
    rules = json.loads(policy.text)["Statement"] if policy else []
    rules = rules if isinstance(rules, list) else [rules]
    found = [rule for rule in rules if _means(rule, principal)]
    return all(_decision(found, arn) for arn in arns)


def _decision(rules: list[dict[str, Any]], arn: str) -> bool:
    fitting = [rule for rule in rules if any(_fits(arn, one) for one in _many(rule.get("Resource")))]
    denied = any(rule["Effect"] == "Deny" for rule in fitting)
    return bool(fitting) and not denied


def _means(rule: dict[str, Any], principal: str) -> bool:
    """Also for this action; what a statement with a condition says is left out."""
    if "Condition" in rule or not any(_fits(ACTION, one.lower()) for one in _many(rule.get("Action"))):
        return False
    who = rule.get("Principal")
    named = {"*"} if who == "*" else set(_many(who.get("AWS")) if isinstance(who, dict) else ())
    account = principal.split(":")[4]
    return bool(named & {"*", principal, account, f"arn:{partitions.of_arn(principal)}:iam::{account}:root"})


def _fits(value: str, pattern: str) -> bool:
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _many(value: Any) -> Iterator[str]:
    yield from value if isinstance(value, list) else [] if value is None else [value]
