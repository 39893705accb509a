"""Reads ListPermissions completely, or raises AwsError: an incomplete listing never counts as *absent*.

AWS cuts the answer to what the caller may see, and refuses to list what does not exist.
"""

from typing import Any

from identity.accounts.models import Account
from lakeformation.explanation.access_paths import IAM_PRINCIPALS
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from workers.aws import account_setup, reads
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.glue_lookup import GlueReader
from workers.aws.sessions import get_client

Rows = list[dict[str, Any]]
INCOMPLETE_TEXT = "{role} is neither a data lake administrator nor a read-only administrator: AWS lists a part of the permissions"


def read_permissions(reader: Account, region: str, catalog_id: str) -> Rows:
    """Every permission of a catalog, as the reader's observer sees it. AwsError where AWS may have left some out."""
    lakeformation = get_client("lakeformation", account=reader, role="observer", region=region)
    rows = reads.read_permissions(lakeformation, catalog_id)
    if not _shows_others(rows, reader) and not _is_administrator(lakeformation, reader):
        raise AwsError(
            ErrorKind.DENIED, "IncompleteListing", INCOMPLETE_TEXT.format(role=reader.observer_role_arn)
        )
    return rows


def read_filter_permissions(reader: Account, owner: Account, region: str, table: dict[str, str]) -> Rows:
    """Permissions on the data cells filters of one table of the owner's catalog; none where Glue says that there is no
    such table: its permissions went with it. `table` is CatalogId, DatabaseName and Name.
    """
    lakeformation = get_client("lakeformation", account=reader, role="observer", region=region)
    try:
        return reads.list_filter_permissions(lakeformation, table)
    except AwsError as error:
        if error.kind not in {ErrorKind.DENIED, ErrorKind.ABSENT}:
            raise
        if GlueReader(owner, region).find_table(table["DatabaseName"], table["Name"]) is not None:
            raise
        return []


def _is_administrator(lakeformation: Any, reader: Account) -> bool:
    return account_setup.is_administrator(lakeformation, reader.account_id, reader.observer_role_arn)


def _shows_others(rows: Rows, reader: Account) -> bool:
    """Whether somebody else's permission is among them, which only administrators are shown: it saves a call."""
    everyone = {reader.observer_role_arn, reader.account_id, f"{reader.account_id}{IAM_PRINCIPALS}"}
    shown = {row["Principal"]["DataLakePrincipalIdentifier"] for row in rows}
    return bool(shown - everyone - {IAM_ALLOWED_PRINCIPALS})
