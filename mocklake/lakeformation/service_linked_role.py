"""AWSServiceRoleForLakeFormationDataAccess: made with the first location that it registers, allowed to read each.

Sources: AWS Lake Formation API Reference, RegisterResource; AWS Lake Formation Developer Guide, service-linked-roles.
"""

import json
from collections.abc import Iterable

from mocklake import moto_bridge
from mocklake.iam.callers import Caller, require

NAME = "AWSServiceRoleForLakeFormationDataAccess"
SERVICE = "lakeformation.amazonaws.com"
POLICY = "LakeFormationDataAccessPolicyForS3"
_OBJECTS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]


def open_locations(caller: Caller, locations: Iterable[str]) -> str:
    """Lets the role reach these locations and no others; makes it where it is missing. Returns its ARN."""
    arn = f"arn:{caller.partition}:iam::{caller.account}:role/aws-service-role/{SERVICE}/{NAME}"
    require(caller, "iam:PutRolePolicy", arn)
    if moto_bridge.role(caller.account, NAME) is None:
        require(caller, "iam:CreateServiceLinkedRole", arn)
        moto_bridge.iam(caller.account).create_service_linked_role(SERVICE, "", "")
    write_policy(caller.account, locations)
    return arn


def write_policy(account: str, locations: Iterable[str]) -> None:
    """The inline policy; taken away with the last location."""
    arns, backend = sorted({one.rstrip("/") for one in locations}), moto_bridge.iam(account)
    if not arns:
        moto_bridge.role(account, NAME).policies.pop(POLICY, None)  # type: ignore[union-attr]
        return
    buckets = sorted({one.partition("/")[0] for one in arns})
    rules = [
        {"Effect": "Allow", "Action": _OBJECTS, "Resource": [f"{one}/*" for one in arns]},
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": buckets},
    ]
    backend.put_role_policy(NAME, POLICY, json.dumps({"Version": "2012-10-17", "Statement": rules}))
