"""The role in whose name Glue runs something."""

from mocklake import partitions
from mocklake.iam import principals
from mocklake.iam.callers import Caller

GLUE = "glue.amazonaws.com"


def check(caller: Caller, named: str) -> str:
    """The role's ARN. Raises AwsError as `passed_roles.check`."""
    return principals.check(caller, named, GLUE)


def caller_as(arn: str, region: str) -> Caller:
    """Whoever works in the role's name."""
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[1]
    session = f"arn:{partitions.of_region(region)}:sts::{account}:assumed-role/{name}/AWSGlue"
    return Caller(account, region, arn, session, "glue")
