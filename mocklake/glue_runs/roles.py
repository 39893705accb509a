"""The role in whose name Glue runs something: it must exist, trust Glue, and be the caller's to pass."""

from mocklake import moto_bridge
from mocklake.errors import AwsError
from mocklake.iam.caller_policies import require
from mocklake.iam.callers import Caller
from mocklake.iam.policy_documents import Decision, decide, statements

GLUE = "glue.amazonaws.com"


def check(caller: Caller, named: str) -> str:
    """The role's ARN. InvalidInputException for one that Glue cannot assume (AWS's words, from field reports)."""
    role = moto_bridge.role(caller.account, named.rsplit("/", 1)[-1])
    if role is None or (named.startswith("arn:") and named != role.arn) or not _trusts(role):
        text = f"Service is unable to assume role {named}. Please verify role's TrustPolicy"
        raise AwsError("InvalidInputException", text)
    require(caller, "iam:PassRole", role.arn)
    return str(role.arn)


def caller_as(arn: str, region: str) -> Caller:
    """Whoever works in the role's name."""
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[1]
    session = f"arn:aws:sts::{account}:assumed-role/{name}/AWSGlue"
    return Caller(account, region, arn, session, "glue")


def _trusts(role: object) -> bool:
    document = getattr(role, "assume_role_policy_document", None)
    return decide(statements(document), "sts:AssumeRole", None, principal=GLUE) is Decision.ALLOW
