"""What SUPER_USER on a nested catalog amounts to on what lies in it (DG:lf-permissions-reference)."""

from collections.abc import Iterator
from dataclasses import replace

from mocklake.catalog_ids import parent_of, path_of
from mocklake.lakeformation.resources import Kind, Resource, catalog_resource
from mocklake.lakeformation.store import Book, Row
from mocklake.lakeformation.verbs import SUPER_USER

INSIDE_CATALOG = (Kind.CATALOG, Kind.DATABASE, Kind.TABLE)


def super_rows(book: Book, principal: str, resource: Resource) -> Iterator[Row]:
    """ALL on the resource for each catalog around it of which the principal is super user."""
    around = resource.catalog_id if resource.kind in INSIDE_CATALOG else ""
    while path_of(around):
        row = book.find(principal, catalog_resource(around))
        if row is not None and SUPER_USER in row.verbs:
            yield replace(row, resource=resource, verbs={"ALL"}, grantable=set())
        around = parent_of(around)
