"""Who is calling: what the access-key registry found out before any service is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from mocklake import moto_bridge, partitions
from mocklake.errors import AwsError
from mocklake.iam.policy_documents import Decision, Statement, decide, statements


@dataclass(frozen=True)
class Caller:
    """`arn` is the principal that permissions are granted to: the IAM role or user, or the account's root.

    `session_arn` is what GetCallerIdentity answers (`arn:…:assumed-role/…` for a role session).
    """

    account: str
    region: str
    arn: str
    session_arn: str
    access_key: str
    policy: str = ""
    """The session's own policy, as JSON: it narrows what the role may."""

    @property
    def is_root(self) -> bool:
        return self.arn == partitions.root_arn(self.account, self.region)

    @property
    def partition(self) -> str:
        return partitions.of_region(self.region)


def rules_of(principal_arn: str) -> list[Statement]:
    """Inline and attached policies of a role, or of a user and its groups; one that is gone has none."""
    found = moto_bridge.identity(principal_arn)
    if found is None:
        return []
    holders = [found, *moto_bridge.groups_of(found)]
    documents = [
        document
        for holder in holders
        for document in (*holder.policies.values(), *moto_bridge.attached_documents(holder))
    ]
    return [rule for document in documents for rule in statements(document)]


def identity_decision(
    principal_arn: str, action: str, resource: str | None, context: Mapping[str, str] | None = None
) -> Decision:
    if principal_arn.endswith(":root"):
        return Decision.ALLOW
    return decide(rules_of(principal_arn), action, resource, context=context)


def decision_for(
    caller: Caller, action: str, resource: str | None, context: Mapping[str, str] | None = None
) -> Decision:
    """What the caller's role and, narrower, its session's own policy say."""
    own = identity_decision(caller.arn, action, resource, context)
    if own is not Decision.ALLOW or not caller.policy:
        return own
    return decide(statements(caller.policy), action, resource, context=context)


def require(
    caller: Caller,
    action: str,
    resource: str | None,
    *,
    code: str = "AccessDeniedException",
    context: Mapping[str, str] | None = None,
) -> None:
    """Raises AwsError in IAM's words unless the caller's policies allow the action; `context` has condition keys."""
    decision = decision_for(caller, action, resource, context)
    if decision is not Decision.ALLOW:
        raise AwsError(code, refusal(caller.session_arn, action, resource or "*", decision), status=400)


def refusal(who: str, action: str, resource: str, decision: Decision) -> str:
    because = (
        "with an explicit deny in an identity-based policy"
        if decision is Decision.DENY
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {because}"
