"""Reads data lake settings, resource policy and catalog encryption of an account."""

from typing import Any

from workers.aws.errors import read_or_none, read_with_retries


def read_data_lake_settings(lakeformation: Any, catalog_id: str) -> dict[str, Any]:
    """GetDataLakeSettings; AwsError."""
    answer = read_with_retries(lambda: lakeformation.get_data_lake_settings(CatalogId=catalog_id))
    return dict(answer["DataLakeSettings"])


def is_administrator(lakeformation: Any, catalog_id: str, role_arn: str) -> bool:
    """Whether the settings name the role as a data lake administrator, read-only or not: AWS lists everything to it."""
    found = read_data_lake_settings(lakeformation, catalog_id)
    admins = [*found.get("DataLakeAdmins", ()), *found.get("ReadOnlyAdmins", ())]
    return role_arn in {one["DataLakePrincipalIdentifier"] for one in admins}


def read_resource_policy(glue: Any) -> str:
    """The catalog's own resource policy as JSON; empty when it has none; AwsError."""
    answer = read_or_none(glue.get_resource_policy)
    return str(answer.get("PolicyInJson", "")) if answer else ""


def read_encryption(glue: Any, catalog_id: str) -> dict[str, Any]:
    """GetDataCatalogEncryptionSettings; AwsError."""
    answer = read_with_retries(lambda: glue.get_data_catalog_encryption_settings(CatalogId=catalog_id))
    return dict(answer["DataCatalogEncryptionSettings"])
