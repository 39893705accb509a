"""Reads ListPermissions completely, or raises AwsError: an incomplete listing never counts as *absent*.

AWS cuts the answer to what the caller may see, and refuses to list what does not exist.
"""

from typing import Any

from identity.accounts.models import Account
from workers.aws import reads
from workers.aws.administrator_reading import confirmed_administrator
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.glue_lookup import GlueReader
from workers.aws.sessions import get_client

Rows = list[dict[str, Any]]


def read_permissions(reader: Account, region: str, catalog_id: str) -> Rows:
    """Every permission of a catalog, as the reader's observer sees it. AwsError where AWS may have left some out."""
    lakeformation = get_client("lakeformation", account=reader, role="observer", region=region)
    with confirmed_administrator(reader, region):
        return reads.read_permissions(lakeformation, catalog_id)


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
