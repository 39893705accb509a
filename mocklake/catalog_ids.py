"""Ids of Data Catalogs: an account's own (`111111111111`) and those nested in it (`111111111111:s3tablescatalog/sales`).

Sources: Glue API reference (Catalog), AWS's service authorization reference (ARNs), aws-cli #9618.
"""

import re

from mocklake import partitions
from mocklake.errors import AwsError

ACCOUNT = re.compile(r"\d{12}")
_FULL = re.compile(r"\d{12}(:.+)?")


def owner_of(catalog_id: str) -> str:
    """The account that a catalog lies in."""
    return catalog_id.partition(":")[0]


def path_of(catalog_id: str) -> str:
    """Empty for the account's own catalog."""
    return catalog_id.partition(":")[2]


def full_id(given: str | None, account: str) -> str:
    """A path alone (`s3tablescatalog/sales`), as AWS's documents give it too, lies in `account`."""
    if not given:
        return account
    return given.lower() if _FULL.fullmatch(given) else f"{account}:{given.lower()}"


def parent_of(catalog_id: str) -> str:
    """The catalog that a nested one lies in."""
    path = path_of(catalog_id)
    above = path.rpartition("/")[0]
    return f"{owner_of(catalog_id)}:{above}" if above else owner_of(catalog_id)


def check_account(catalog_id: str | None) -> None:
    """InvalidInputException: a call's own CatalogId takes an account, nested ones stand in the Resource."""
    if catalog_id is not None and not ACCOUNT.fullmatch(catalog_id):
        raise AwsError("InvalidInputException", "Catalog id must be a valid AWS account id.")


def arn(region: str, catalog_id: str, kind: str = "catalog", *names: str) -> str:
    """`arn:…:catalog/path`, `…:database/path/name`, `…:table/path/database/name`."""
    parts = [kind, *filter(None, (path_of(catalog_id),)), *names]
    return partitions.regional_arn("glue", region, owner_of(catalog_id), "/".join(parts))
