"""Reads of the IAM roles and users of an account."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lakeformation.values.arn import PrincipalArn
from workers.aws.errors import read_or_none
from workers.aws.pagination import Rows, iterate_pages

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
"""Of ListRoles and ListUsers (IAM API reference)."""
MAX_SINGLE_READS = 10
"""Up to this many roles or users are read one by one; for more, all of the account are listed."""


def iterate_role_pages(iam: Any, page_size: int = PAGE_SIZE) -> Iterator[Rows]:
    """Pages of ListRoles, with so many at most; AwsError when a page is refused or lost."""
    return iterate_pages(iam.list_roles, "Roles", {"MaxItems": page_size}, page_field="Marker")


def iterate_user_pages(iam: Any, page_size: int = PAGE_SIZE) -> Iterator[Rows]:
    """Pages of ListUsers, with so many at most; AwsError when a page is refused or lost."""
    return iterate_pages(iam.list_users, "Users", {"MaxItems": page_size}, page_field="Marker")


def find_identity(iam: Any, arn: PrincipalArn) -> dict[str, Any] | None:
    """The role or user of this name, or None when there is none; AwsError when it is refused.

    Its tags are with it, which no list of them has (IAM API reference, ListRoles and ListUsers).
    """
    if arn.kind == "role":
        return read_or_none(lambda: dict(iam.get_role(RoleName=arn.name)["Role"]))
    return read_or_none(lambda: dict(iam.get_user(UserName=arn.name)["User"]))


def list_trusted_services(role: Mapping[str, Any]) -> list[str]:
    """Services that may take the role on, by name: of what its trust policy allows (IAM JSON policy reference, *Principal*).

    A policy that cannot be read as one names none.
    """
    document = role.get("AssumeRolePolicyDocument")
    statements = document.get("Statement", []) if isinstance(document, Mapping) else []
    found: set[str] = set()
    for one in _as_list(statements):
        who = one.get("Principal") if isinstance(one, Mapping) and one.get("Effect") == "Allow" else None
        if isinstance(who, Mapping):
            found.update(str(name) for name in _as_list(who.get("Service", [])))
    return sorted(found)


def _as_list(one_or_many: Any) -> list[Any]:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def find_identity_id(iam: Any, arn: PrincipalArn) -> str | None:
    """Its unique id (RoleId, UserId), or None when there is none of this name."""
    found = find_identity(iam, arn)
    return None if found is None else str(found["RoleId" if arn.kind == "role" else "UserId"])


def find_identity_ids(iam: Any, arns: Collection[PrincipalArn]) -> dict[PrincipalArn, str]:
    """Unique ids of roles and users of the account; those that are not there are left out. Of many it takes fewer calls
    than one each; what a list lacks is asked for by itself. AwsError.
    """
    listed: dict[tuple[str, str], str] = {}
    if sum(arn.kind == "role" for arn in arns) > MAX_SINGLE_READS:
        rows = (row for page in iterate_role_pages(iam, MAX_PAGE_SIZE) for row in page)
        listed |= {("role", row["RoleName"]): str(row["RoleId"]) for row in rows}
    if sum(arn.kind == "user" for arn in arns) > MAX_SINGLE_READS:
        rows = (row for page in iterate_user_pages(iam, MAX_PAGE_SIZE) for row in page)
        listed |= {("user", row["UserName"]): str(row["UserId"]) for row in rows}
    found = ((arn, listed.get((arn.kind, arn.name)) or find_identity_id(iam, arn)) for arn in arns)
    return {arn: unique_id for arn, unique_id in found if unique_id is not None}
