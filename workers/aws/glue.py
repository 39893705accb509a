"""Reads of the Glue Data Catalog, page by page; reads of a single table or database are in `reads`."""

from collections.abc import Iterator
from typing import Any

from workers.aws.errors import translated
from workers.aws.pagination import Rows, pages

PAGE = 100


def database_pages(glue: Any, catalog_id: str) -> Iterator[Rows]:
    """Pages of GetDatabases; AwsError when a page is refused or lost."""
    return pages(glue.get_databases, "DatabaseList", {"CatalogId": catalog_id, "MaxResults": PAGE})


def table_page(glue: Any, catalog_id: str, database: str, token: str = "") -> tuple[Rows, str]:
    """One page of GetTables, and the token of the next; an empty token is the end, an empty page is not."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database, "MaxResults": PAGE}
    with translated():
        answer = glue.get_tables(**asked | ({"NextToken": token} if token else {}))
    return answer.get("TableList") or [], answer.get("NextToken") or ""
