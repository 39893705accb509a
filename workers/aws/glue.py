"""Reads of the Glue Data Catalog, page by page, and of the roles of an account."""

from collections.abc import Iterator
from typing import Any

from workers.aws.errors import AwsError, ErrorKind, translated
from workers.aws.pages import Rows, pages
from workers.aws.unparsed import answer_as_json

PAGE = 100


def prepared(glue: Any) -> Any:
    """The client, answering these reads as plain JSON."""
    answer_as_json(glue, "GetDatabases", "GetTables", "GetDatabase", "GetTable")
    return glue


def database_pages(glue: Any, catalog_id: str) -> Iterator[Rows]:
    """Pages of GetDatabases; AwsError when a page is refused or lost."""
    return pages(glue.get_databases, "DatabaseList", {"CatalogId": catalog_id, "MaxResults": PAGE})


def table_page(glue: Any, catalog_id: str, database: str, token: str = "") -> tuple[Rows, str]:
    """One page of GetTables, and the token of the next; an empty token is the end, an empty page is not."""
    asked = {"CatalogId": catalog_id, "DatabaseName": database, "MaxResults": PAGE}
    with translated():
        answer = glue.get_tables(**asked | ({"NextToken": token} if token else {}))
    return answer.get("TableList") or [], answer.get("NextToken") or ""


def table(glue: Any, catalog_id: str, database: str, name: str) -> dict[str, Any] | None:
    """A table, or None when Glue has none of this name."""
    try:
        with translated():
            found = glue.get_table(CatalogId=catalog_id, DatabaseName=database, Name=name)
    except AwsError as error:
        if error.kind is ErrorKind.ABSENT:
            return None
        raise
    return dict(found["Table"])


def database(glue: Any, catalog_id: str, name: str) -> dict[str, Any] | None:
    """A database, or None when Glue has none of this name."""
    try:
        with translated():
            found = glue.get_database(CatalogId=catalog_id, Name=name)
    except AwsError as error:
        if error.kind is ErrorKind.ABSENT:
            return None
        raise
    return dict(found["Database"])


def role_pages(iam: Any) -> Iterator[Rows]:
    """Pages of ListRoles; AwsError when a page is refused or lost."""
    return pages(iam.list_roles, "Roles", {"MaxItems": PAGE}, following="Marker")
