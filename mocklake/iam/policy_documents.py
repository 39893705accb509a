"""IAM policy documents: does a set of statements allow an action on a resource?

Enough of IAM for a data mesh: Allow and Deny, Action and Resource wildcards, Principal (AWS and Service), and
the conditions of `mocklake.iam.policy_documents`. What is not understood (another condition, NotAction and its like) never
allows and always denies, so a gap here is a refusal.

Source: IAM user guide, "IAM JSON policy elements: Condition operators". Keys are compared without regard to
case; with several operators and keys all must hold, of several values one. `…IfExists` holds without the key.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from mocklake import partitions

Statement = Mapping[str, Any]
_NEGATED = {"NotAction", "NotResource", "NotPrincipal"}
Compare = Callable[[str, str], bool]


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


def matches(value: str, pattern: str) -> bool:
    """With `*` and `?` as wildcards, and nothing else."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [_text(one) for one in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(value: str, wanted: str) -> bool:
    return value == wanted


def _same_in_any_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


_POSITIVE: dict[str, Compare] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_in_any_case,
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": _same_in_any_case,
}
_NEGATIVE: dict[str, Compare] = {
    "StringNotEquals": _same,
    "StringNotEqualsIgnoreCase": _same_in_any_case,
    "StringNotLike": matches,
    "ArnNotEquals": matches,
    "ArnNotLike": matches,
}


def hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str], *, unknown: bool) -> bool:
    """`unknown` is the answer as soon as an operator is not understood."""
    lowered = {key.lower(): value for key, value in context.items()}
    for operator, tests in conditions.items():
        for key, wanted in tests.items():
            holds = _holds(operator, lowered.get(key.lower()), listed(wanted))
            if holds is None:
                return unknown
            if not holds:
                return False
    return True


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool | None:
    """None for an operator that is not understood."""
    plain = operator.removesuffix("IfExists")
    if plain == "Null" and plain == operator:
        return any(one.lower() == str(value is None).lower() for one in wanted)
    if plain not in _POSITIVE and plain not in _NEGATIVE:
        return None
    if value is None:
        return plain != operator or plain in _NEGATIVE
    if plain in _POSITIVE:
        return any(_POSITIVE[plain](value, one) for one in wanted)
    return not any(_NEGATIVE[plain](value, one) for one in wanted)
