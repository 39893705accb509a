"""The role in whose name a service works: it must exist, trust the service, and be the caller's to pass."""

from mocklake import moto_bridge
from mocklake.errors import AwsError
from mocklake.iam.caller_policies import require
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision, decide, statements


def check(caller: Caller, named: str, service: str) -> str:
    """The role's ARN. InvalidInputException for one that the service cannot assume (Glue's words, from field reports)."""
    role = moto_bridge.role(caller.account, named.rsplit("/", 1)[-1])
    if role is None or (named.startswith("arn:") and named != role.arn) or not _trusts(role, service):
        text = f"Service is unable to assume role {named}. Please verify role's TrustPolicy"
        raise AwsError("InvalidInputException", text)
    require(caller, "iam:PassRole", role.arn, context={"iam:PassedToService": service})
    return str(role.arn)


def _trusts(role: object, service: str) -> bool:
    document = getattr(role, "assume_role_policy_document", None)
    return decide(statements(document), "sts:AssumeRole", None, principal=service) is Decision.ALLOW
