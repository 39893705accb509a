"""Which permissions exist on which kind of resource (DG:lf-permissions-reference)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mocklake.catalog_ids import parent_of, path_of
from mocklake.lakeformation.resources import Kind, Resource, catalog_resource
from mocklake.lakeformation.store import Book, Row

ON = {
    Kind.CATALOG: frozenset(
        {"CREATE_DATABASE", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION", "CREATE_CATALOG"}
    ),
    Kind.DATABASE: frozenset({"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"}),
    Kind.TABLE: frozenset({"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"}),
    Kind.DATA_LOCATION: frozenset({"DATA_LOCATION_ACCESS"}),
    Kind.DATA_CELLS_FILTER: frozenset({"DESCRIBE", "DROP", "SELECT"}),
    Kind.LF_TAG: frozenset({"ALTER", "ASSOCIATE", "DESCRIBE", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"}),
    Kind.LF_NAMED_TAG_EXPRESSION: frozenset(
        {"ALL", "ALTER", "DESCRIBE", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"}
    ),
}
ON[Kind.LF_TAG_POLICY_DATABASE] = ON[Kind.DATABASE]
ON[Kind.LF_TAG_POLICY_TABLE] = ON[Kind.TABLE]
SUPER_USER = "SUPER_USER"
"""On a nested catalog everything on what lies in it, for principals of its own account only."""
ON_NESTED_CATALOG = frozenset({"ALL", "ALTER", "CREATE_DATABASE", "DESCRIBE", "DROP", SUPER_USER})
ON_VIEW = frozenset({"ALL", "DESCRIBE", "DROP", "SELECT"})
KNOWN = frozenset().union(*ON.values(), ON_NESTED_CATALOG)
ON_LINK = frozenset({"DESCRIBE", "DROP"})
ON_FOREIGN_TAG = frozenset({"ASSOCIATE", "DESCRIBE"})
ON_COLUMNS = frozenset({"SELECT"})
ON_FOREIGN_FILTER = frozenset({"SELECT"})
WRITING = frozenset({"ALL", "ALTER", "DELETE", "DROP", "INSERT"})
NOT_ON_FOREIGN_DATABASE = frozenset({"ALL", "DROP"})
INSIDE_CATALOG = (Kind.CATALOG, Kind.DATABASE, Kind.TABLE)


def list_verbs(resource: Resource) -> frozenset[str]:
    return ON_NESTED_CATALOG if resource.kind is Kind.CATALOG and resource.is_nested else ON[resource.kind]


def expand_verbs(kind: Kind, verbs: Iterable[str]) -> set[str]:
    """ALL (Super) with everything that it stands for."""
    given = set(verbs)
    every = ON_NESTED_CATALOG - {SUPER_USER} if kind is Kind.CATALOG else ON[kind]
    return given | every if "ALL" in given else given


def contract_verbs(kind: Kind, held: set[str], revoked: Iterable[str]) -> set[str]:
    """What remains: without ALL's whole expansion, or without one verb and the ALL that contained it."""
    gone = expand_verbs(kind, revoked)
    return held - gone - {"ALL"} if gone else held


def list_super_rows(book: Book, principal: str, resource: Resource) -> Iterator[Row]:
    """ALL on the resource for each catalog around it of which the principal is super user."""
    around = resource.catalog_id if resource.kind in INSIDE_CATALOG else ""
    while path_of(around):
        row = book.find(principal, catalog_resource(around))
        if row is not None and SUPER_USER in row.verbs:
            yield replace(row, resource=resource, verbs={"ALL"}, grantable=set())
        around = parent_of(around)
