"""Reads of the Glue Data Catalog, page by page, and of the roles of an account."""

from collections.abc import Iterator
from typing import Any

from workers.aws.errors import translated

PAGE = 100


def database_pages(glue: Any, catalog_id: str) -> Iterator[list[dict[str, Any]]]:
    """Pages of GetDatabases; AwsError when a page is refused or lost."""
    yield from _pages(glue.get_databases, "DatabaseList", {"CatalogId": catalog_id, "MaxResults": PAGE})


def table_pages(glue: Any, catalog_id: str, database: str) -> Iterator[list[dict[str, Any]]]:
    """Pages of GetTables of one database; AwsError when a page is refused or lost."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database, "MaxResults": PAGE}
    yield from _pages(glue.get_tables, "TableList", asked)


def role_pages(iam: Any) -> Iterator[list[dict[str, Any]]]:
    """Pages of ListRoles; AwsError when a page is refused or lost."""
    asked: dict[str, Any] = {"MaxItems": PAGE}
    while True:
        with translated():
            answer = iam.list_roles(**asked)
        yield answer["Roles"]
        if not answer.get("IsTruncated"):
            return
        asked["Marker"] = answer["Marker"]


def _pages(read: Any, rows: str, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    while True:
        with translated():
            answer = read(**asked)
        yield answer.get(rows, [])
        token = answer.get("NextToken")
        if not token:
            return
        asked = {**asked, "NextToken": token}
