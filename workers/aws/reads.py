"""Reads that an observation is made of: each complete to its last page, or an AwsError."""

from collections.abc import Callable, Iterator
from typing import Any

from workers.aws.errors import AwsError, ErrorKind, translated

PAGE = 1000
SHARES_PAGE = 500


def permission_rows(lakeformation: Any, catalog_id: str) -> list[dict[str, Any]]:
    """All rows of ListPermissions of a catalog. No Principal is ever sent: with one, AWS may answer
    with effective permissions, or with nothing at all for a role of another account.
    """
    return list(
        _rows(
            lakeformation.list_permissions,
            "PrincipalResourcePermissions",
            {"CatalogId": catalog_id, "MaxResults": PAGE},
            "NextToken",
        )
    )


def registered_locations(lakeformation: Any) -> list[dict[str, Any]]:
    """`ResourceInfoList` of ListResources, whole."""
    asked = {"MaxResults": PAGE}
    return list(_rows(lakeformation.list_resources, "ResourceInfoList", asked, "NextToken"))


def pending_invitations(ram: Any) -> list[dict[str, Any]]:
    """RAM invitations that this account has not answered yet."""
    asked = {"maxResults": SHARES_PAGE}
    rows = _rows(ram.get_resource_share_invitations, "resourceShareInvitations", asked, "nextToken")
    return [row for row in rows if row["status"] == "PENDING"]


def shares_received(ram: Any) -> list[dict[str, Any]]:
    """RAM shares of other accounts that this account sees as active."""
    asked = {"resourceOwner": "OTHER-ACCOUNTS", "maxResults": SHARES_PAGE}
    rows = _rows(ram.get_resource_shares, "resourceShares", asked, "nextToken")
    return [row for row in rows if row["status"] == "ACTIVE"]


def database(glue: Any, catalog_id: str, name: str) -> dict[str, Any] | None:
    """A Glue database, or None when there is none of this name."""
    return _one(lambda: glue.get_database(CatalogId=catalog_id, Name=name)["Database"])


def table(glue: Any, catalog_id: str, database_name: str, name: str) -> dict[str, Any] | None:
    """A Glue table, or None when there is none of this name."""
    return _one(lambda: glue.get_table(CatalogId=catalog_id, DatabaseName=database_name, Name=name)["Table"])


def role_id(iam: Any, name: str) -> str | None:
    """The unique id of an IAM role, or None when there is none of this name."""
    found = _one(lambda: iam.get_role(RoleName=name)["Role"])
    return None if found is None else str(found["RoleId"])


def user_id(iam: Any, name: str) -> str | None:
    """The unique id of an IAM user, or None when there is none of this name."""
    found = _one(lambda: iam.get_user(UserName=name)["User"])
    return None if found is None else str(found["UserId"])


def _one(read: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    try:
        with translated():
            return read()
    except AwsError as error:
        if error.kind is ErrorKind.ABSENT:
            return None
        raise


def _rows(
    read: Callable[..., dict[str, Any]], rows: str, asked: dict[str, Any], token: str
) -> Iterator[dict[str, Any]]:
    # An empty page may carry a token: only its absence is the end.
    while True:
        with translated():
            answer = read(**asked)
        yield from answer.get(rows) or ()
        if not answer.get(token):
            return
        asked = {**asked, token: answer[token]}
