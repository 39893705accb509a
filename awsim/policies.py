"""IAM policy documents: does a set of statements allow an action on a resource?

Enough of IAM for a data mesh: Allow and Deny, Action and Resource wildcards, Principal, StringEquals and
StringLike. What is not understood (another condition, NotAction and its like) never allows and always
denies, so a gap here is a refusal.
"""

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

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
    """`resource` None leaves resources out of the decision; `principal` is given for resource policies only."""
    decision = Decision.SILENT
    for rule in rules:
        if not _is_about(rule, action, resource, principal):
            continue
        if rule.get("Effect") == "Deny" and _holds(rule, context or {}, unknown=True):
            return Decision.DENY
        if rule.get("Effect") == "Allow" and _holds(rule, context or {}, unknown=False):
            decision = Decision.ALLOW
    return decision


def _is_about(rule: Statement, action: str, resource: str | None, principal: str | None) -> bool:
    if rule.keys() & _NEGATED:
        return rule.get("Effect") == "Deny"
    if not any(_matches(action.lower(), pattern.lower()) for pattern in _listed(rule.get("Action"))):
        return False
    if principal is not None and not names(rule, principal):
        return False
    if resource is None:
        return rule.get("Effect") == "Allow" or "*" in _listed(rule.get("Resource"))
    return any(_matches(resource, pattern) for pattern in _listed(rule.get("Resource")))


def names(rule: Statement, principal: str) -> bool:
    """Whether the statement's Principal means this ARN, itself or through its whole account."""
    who = rule.get("Principal")
    listed = ["*"] if who == "*" else _listed(who.get("AWS")) if isinstance(who, dict) else []
    account = principal.split(":")[4]
    return bool({"*", principal, account, f"arn:aws:iam::{account}:root"} & set(listed))


def names_exactly(rule: Statement, principal: str) -> bool:
    """Whether the ARN itself is named: then, inside one account, no identity policy is needed as well."""
    who = rule.get("Principal")
    return isinstance(who, dict) and principal in _listed(who.get("AWS"))


def _holds(rule: Statement, context: Mapping[str, str], *, unknown: bool) -> bool:
    for operator, tests in (rule.get("Condition") or {}).items():
        for key, wanted in tests.items():
            if operator not in ("StringEquals", "StringLike"):
                return unknown
            exact = operator == "StringEquals"
            value = context.get(key)
            if value is None or not any(
                value == one if exact else _matches(value, one) for one in _listed(wanted)
            ):
                return False
    return True


def _matches(value: str, pattern: str) -> bool:
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
