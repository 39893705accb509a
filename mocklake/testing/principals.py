"""Roles and users by their ARN, for tests that grant to them: AWS refuses principals that do not exist."""

import json
from contextlib import suppress
from typing import Any

from mocklake import moto_bridge

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["glue.amazonaws.com", "lakeformation.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def make_principals(*arns: str, allows: str = "") -> None:
    """Makes each that is not there, with its path. Roles trust Glue and Lake Formation, and may do what `allows` names,
    an IAM action or a pattern of such.
    """
    for arn in arns:
        if moto_bridge.identity(arn) is None:
            _make(arn, allows)


def create_roles(iam: Any, *names: str) -> None:
    """By an IAM client, in its account; those that are there already stay as they are."""
    for name in names:
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def _make(arn: str, allows: str) -> None:
    account, named = arn.split(":", 5)[4:]
    kind, *folders, name = named.split("/")
    path = "/".join(["", *folders, ""])
    iam = moto_bridge.iam(account)
    if kind == "user":
        iam.create_user(iam.region_name, name, path, [])
    else:
        iam.create_role(name, TRUST, path, None, "", [], None)
    if allows and kind == "role":
        rule = {"Effect": "Allow", "Action": allows, "Resource": "*"}
        iam.put_role_policy(name, "inline", json.dumps({"Version": "2012-10-17", "Statement": [rule]}))
