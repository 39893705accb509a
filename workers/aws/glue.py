"""Reads of the Glue Data Catalog, page by page, and of the roles of an account."""

from collections.abc import Iterator
from typing import Any

from workers.aws.pages import Rows, pages

PAGE = 100


def database_pages(glue: Any, catalog_id: str) -> Iterator[Rows]:
    """Pages of GetDatabases; AwsError when a page is refused or lost."""
    return pages(glue.get_databases, "DatabaseList", {"CatalogId": catalog_id, "MaxResults": PAGE})


def table_pages(glue: Any, catalog_id: str, database: str) -> Iterator[Rows]:
    """Pages of GetTables of one database; AwsError when a page is refused or lost."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database, "MaxResults": PAGE}
    return pages(glue.get_tables, "TableList", asked)


def role_pages(iam: Any) -> Iterator[Rows]:
    """Pages of ListRoles; AwsError when a page is refused or lost."""
    return pages(iam.list_roles, "Roles", {"MaxItems": PAGE}, following="Marker")
