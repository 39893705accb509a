"""IAM policy documents: does a set of statements allow an action on a resource?

Enough of IAM for a data mesh: Allow and Deny, Action and Resource wildcards, Principal (AWS and Service), and
the conditions of `mocklake.iam.conditions`. What is not understood (another condition, NotAction and its like) never
allows and always denies, so a gap here is a refusal.
"""

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from mocklake import partitions
from mocklake.iam.conditions import hold, listed, matches

Statement = Mapping[str, Any]
_NEGATED = {"NotAction", "NotResource", "NotPrincipal"}


class Decision(Enum):
    """IAM's three answers: an explicit deny prevails over an allow, silence is an implicit deny."""

    ALLOW = "allow"
    DENY = "explicit deny"
    SILENT = "implicit deny"


def statements(document: str | bytes | None) -> list[Statement]:
    """The statements of one JSON document; a document that cannot be read has none and so allows nothing."""
    if not document:
        return []
    try:
        found = json.loads(document).get("Statement", [])
    except (ValueError, AttributeError):
        return []
    return found if isinstance(found, list) else [found]


def decide(
    rules: Iterable[Statement],
    action: str,
    resource: str | None,
    *,
    principal: str | None = None,
    context: Mapping[str, str] | None = None,
) -> Decision:
    """`resource` None leaves resources out of the decision; `principal` is given for resource policies only:
    an ARN, or a service's name such as `events.amazonaws.com`.
    """
    decision = Decision.SILENT
    for rule in rules:
        if not _is_about(rule, action, resource, principal):
            continue
        conditions = rule.get("Condition") or {}
        if rule.get("Effect") == "Deny" and hold(conditions, context or {}, unknown=True):
            return Decision.DENY
        if rule.get("Effect") == "Allow" and hold(conditions, context or {}, unknown=False):
            decision = Decision.ALLOW
    return decision


def _is_about(rule: Statement, action: str, resource: str | None, principal: str | None) -> bool:
    if rule.keys() & _NEGATED:
        return rule.get("Effect") == "Deny"
    if not any(matches(action.lower(), pattern.lower()) for pattern in listed(rule.get("Action"))):
        return False
    if principal is not None and not names(rule, principal):
        return False
    if resource is None:
        return rule.get("Effect") == "Allow" or "*" in listed(rule.get("Resource"))
    return any(matches(resource, pattern) for pattern in listed(rule.get("Resource")))


def names(rule: Statement, principal: str) -> bool:
    """Whether the statement's Principal means this ARN, itself or through its account, or this service."""
    who = rule.get("Principal")
    if not principal.startswith("arn:"):
        return who == "*" or (isinstance(who, dict) and principal in listed(who.get("Service")))
    named = ["*"] if who == "*" else listed(who.get("AWS")) if isinstance(who, dict) else []
    account = principal.split(":")[4]
    return bool(
        {"*", principal, account, f"arn:{partitions.of_arn(principal)}:iam::{account}:root"} & set(named)
    )


def names_exactly(rule: Statement, principal: str) -> bool:
    """Whether the ARN itself is named: then, inside one account, no identity policy is needed as well."""
    who = rule.get("Principal")
    return isinstance(who, dict) and principal in listed(who.get("AWS"))
