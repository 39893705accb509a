"""Reads principals from IAM, and the settings of an account that decide what its observer is shown."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from identity.accounts import Account
from lakeformation.values.arn import PrincipalArn
from workers.aws.calls import Rows, iterate_pages
from workers.aws.errors import AwsError, ErrorKind, read_or_none, read_with_retries
from workers.aws.sessions import get_client

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
"""The limit of ListRoles and ListUsers (IAM API reference)."""
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
    identity = find_identity(iam, arn)
    return None if identity is None else str(identity["RoleId" if arn.kind == "role" else "UserId"])


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


def read_data_lake_settings(lakeformation: Any, catalog_id: str) -> dict[str, Any]:
    """GetDataLakeSettings; AwsError."""
    answer = read_with_retries(lambda: lakeformation.get_data_lake_settings(CatalogId=catalog_id))
    return dict(answer["DataLakeSettings"])


def is_administrator(lakeformation: Any, catalog_id: str, role_arn: str) -> bool:
    """Whether the settings name the role as a data lake administrator, read-only or not: AWS lists everything to it."""
    settings = read_data_lake_settings(lakeformation, catalog_id)
    admins = [*settings.get("DataLakeAdmins", ()), *settings.get("ReadOnlyAdmins", ())]
    return role_arn in {admin["DataLakePrincipalIdentifier"] for admin in admins}


def read_resource_policy(glue: Any) -> str:
    """The catalog's own resource policy as JSON; empty when it has none; AwsError."""
    answer = read_or_none(glue.get_resource_policy)
    return str(answer.get("PolicyInJson", "")) if answer else ""


def read_encryption(glue: Any, catalog_id: str) -> dict[str, Any]:
    """GetDataCatalogEncryptionSettings; AwsError."""
    answer = read_with_retries(lambda: glue.get_data_catalog_encryption_settings(CatalogId=catalog_id))
    return dict(answer["DataCatalogEncryptionSettings"])


INCOMPLETE_TEXT = "{role} is neither a data lake administrator nor a read-only administrator: AWS lists a part of the permissions"


@contextmanager
def confirmed_administrator(reader: Account, region: str, session_name: str = "observe") -> Iterator[None]:
    """AwsError unless the observer is an administrator when the block begins and when it ends.

    Rows of others in a listing confirm nothing: whoever holds a permission may be shown who else holds it (AWS Lake
    Formation API reference, ListPermissions).
    """
    lakeformation = get_client(
        "lakeformation", account=reader, role="observer", region=region, session_name=session_name
    )
    _require_administrator(lakeformation, reader)
    yield
    _require_administrator(lakeformation, reader)


def _require_administrator(lakeformation: Any, reader: Account) -> None:
    if not is_administrator(lakeformation, reader.account_id, reader.observer_role_arn):
        text = INCOMPLETE_TEXT.format(role=reader.observer_role_arn)
        raise AwsError(ErrorKind.DENIED, "IncompleteListing", text)
