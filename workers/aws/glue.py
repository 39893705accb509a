"""Reads of the Glue Data Catalog, page by page; reads of a single table or database are in `reads`."""

from collections.abc import Iterator
from typing import Any

from workers.aws.errors import translate_errors
from workers.aws.pagination import Rows, iterate_pages

PAGE_SIZE = 100


def iterate_database_pages(glue: Any, catalog_id: str) -> Iterator[Rows]:
    """Pages of GetDatabases; AwsError when a page is refused or lost."""
    return iterate_pages(
        glue.get_databases, "DatabaseList", {"CatalogId": catalog_id, "MaxResults": PAGE_SIZE}
    )


def read_table_page(glue: Any, catalog_id: str, database: str, token: str = "") -> tuple[Rows, str]:
    """One page of GetTables, and the token of the next; an empty token is the end, an empty page is not."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database, "MaxResults": PAGE_SIZE}
    with translate_errors():
        answer = glue.get_tables(**asked | ({"NextToken": token} if token else {}))
    return answer.get("TableList") or [], answer.get("NextToken") or ""
