"""What a principal may do and see: the decision on every request's path.

Sources: DG:implicit-permissions (administrators describe everything and read nothing, creators hold all on
what they created), DG:cross-account-notes (delegated access is the account's grant and the local one
together). The account's root stands in for an IAM administrator and may change all metadata of its account.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mocklake import partitions
from mocklake.catalog_ids import owner_of
from mocklake.errors import AwsError
from mocklake.glue.resource_policies import list_left_to_everyone
from mocklake.glue.store import Catalog, Database, Table, catalog, find_catalog, find_database, find_table
from mocklake.lakeformation import selections
from mocklake.lakeformation.hybrid import is_hybrid, opted_in
from mocklake.lakeformation.resources import (
    Columns,
    Kind,
    Resource,
    catalog_resource,
    database_resource,
    table_resource,
)
from mocklake.lakeformation.row_filters import (
    apply_policies,
    find_filter,
    list_expression_columns,
    list_filters_on,
)
from mocklake.lakeformation.selections import Cells, list_readable
from mocklake.lakeformation.sharing import envelopes, is_open, policy_envelopes
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, Book, Row, book_of
from mocklake.lakeformation.tag_policies import derive_rows
from mocklake.lakeformation.verbs import expand_verbs, list_super_rows
from mocklake.world import World

ADMINISTRATORS_CREATE = ("CREATE_DATABASE", "CREATE_CATALOG")
"""DG:implicit-permissions names databases; catalogs are assumed."""


@dataclass(frozen=True)
class Granted:
    """Columns that may be read, in table order, partition keys last, and the rows of each."""

    columns: tuple[str, ...]
    cells: Cells


@dataclass(frozen=True)
class Viewer:
    """A principal, looking into the catalogs of one region."""

    arn: str
    account: str
    region: str

    @property
    def is_root(self) -> bool:
        return self.arn == partitions.root_arn(self.account, self.region)

    @property
    def names(self) -> tuple[str, ...]:
        """By which it can be granted something directly: its own, and as one of its account's IAM principals."""
        return (self.arn,) if self.is_root else (self.arn, f"{self.account}:IAMPrincipals")


def granted_columns(
    world: World, principal_arn: str, account: str, *, catalog_id: str, database: str, table: str, region: str
) -> Granted:
    """What may be read of a table, by its true place (links resolved, `region` the owner's).

    AccessDeniedException "Insufficient Lake Formation permission(s): Required Select on …" for none,
    alike for a table that does not exist.
    """
    viewer = Viewer(principal_arn, account, region)
    found = find_table(world, catalog_id, region, database, table)
    if found is not None:
        granted = _readable(world, viewer, table_resource(catalog_id, database, table), found)
        columns = tuple(name for name in found.data_columns if name in granted)
        if columns:
            keys = dict.fromkeys(found.partition_keys, selections.list_any_rows(granted))
            return Granted((*columns, *keys), {**granted, **keys})
    raise insufficient("Select", table)


def visible_columns(
    world: World, viewer: Viewer, *, catalog_id: str, database: str, table: str
) -> tuple[str, ...] | None:
    """The data columns that GetTable shows; None when the table must not be seen at all."""
    found = find_table(world, catalog_id, viewer.region, database, table)
    if found is None:
        return None
    resource = table_resource(catalog_id, database, table)
    owns = owner_of(catalog_id) == viewer.account and found.creator == viewer.arn
    if owns or _describes_all(world, viewer, resource) or held_verbs(world, viewer, resource):
        return found.data_columns
    if owner_of(catalog_id) != viewer.account and is_reader_of_all(world, viewer):
        rows = (
            *_direct(world, viewer, resource, filtered=True),
            *_envelopes(world, viewer, resource, filtered=True),
        )
        seen = _cells(world, viewer, rows, found)
    else:
        seen = _granted(world, viewer, resource, found)
    return tuple(name for name in found.data_columns if name in seen) or None


def sees_catalog(world: World, viewer: Viewer, catalog_id: str) -> bool:
    """Nested ones by a permission, or (assumed) for the sake of a database that is seen in them."""
    resource = catalog_resource(catalog_id)
    if not resource.is_nested:
        return catalog_id == viewer.account
    if _describes_all(world, viewer, resource) or held_verbs(world, viewer, resource):
        return True
    return any(
        sees_database(world, viewer, catalog_id=catalog_id, database=name)
        for name in catalog(world, catalog_id, viewer.region)
    )


def sees_database(world: World, viewer: Viewer, *, catalog_id: str, database: str) -> bool:
    """In its own account a permission on a table shows its database too; across accounts it does not."""
    found = find_database(world, catalog_id, viewer.region, database)
    if found is None:
        return False
    resource = database_resource(catalog_id, database)
    if _describes_all(world, viewer, resource) or held_verbs(world, viewer, resource):
        return True
    at_home = owner_of(catalog_id) == viewer.account
    return at_home and _sees_through_tables(world, viewer, resource, found)


def may(world: World, viewer: Viewer, verb: str, resource: Resource) -> bool:
    """Whether a metadata verb (ALTER, DROP, CREATE_TABLE, CREATE_DATABASE …) is held, implicitly or by rows."""
    if resource.owner == viewer.account:
        implicit = viewer.is_root or is_creator(world, viewer, resource)
        if implicit or (verb in ADMINISTRATORS_CREATE and is_admin(world, viewer)):
            return True
    return verb in held_verbs(world, viewer, resource)


def require(world: World, viewer: Viewer, verb: str, resource: Resource) -> None:
    if not may(world, viewer, verb, resource):
        raise insufficient(verb.replace("_", " ").title(), resource.name)


def may_pass(world: World, viewer: Viewer, verb: str, resource: Resource) -> bool:
    """Whether a verb is held with grant option on the whole of a resource of the own account."""
    rows = _direct(world, viewer, resource)
    held = (expand_verbs(row.resource.kind, row.grantable) for row in rows if row.principal == viewer.arn)
    return is_creator(world, viewer, resource) or any(verb in one for one in held)


def insufficient(verb: str, name: str) -> AwsError:
    text = f"Insufficient Lake Formation permission(s): Required {verb} on {name.lower()}"
    return AwsError("AccessDeniedException", text)


def held_verbs(world: World, viewer: Viewer, resource: Resource) -> set[str]:
    """Verbs held by rows: direct, by everyone of the same account, or delegated by the account."""
    held = _verbs(_direct(world, viewer, resource))
    if resource.owner != viewer.account:
        held |= _verbs(_envelopes(world, viewer, resource)) & _verbs(_local(world, viewer, resource))
    return held


def is_admin(world: World, viewer: Viewer) -> bool:
    """A data lake administrator of its own account, or the account's root."""
    return viewer.is_root or viewer.arn in _listed(world, viewer, "DataLakeAdmins")


def is_reader_of_all(world: World, viewer: Viewer) -> bool:
    return is_admin(world, viewer) or viewer.arn in _listed(world, viewer, "ReadOnlyAdmins")


def is_creator(world: World, viewer: Viewer, resource: Resource) -> bool:
    match resource.kind:
        case Kind.DATABASE:
            found: Catalog | Database | Table | None = find_database(
                world, resource.catalog_id, viewer.region, resource.database
            )
        case Kind.TABLE:
            place = (resource.catalog_id, viewer.region, resource.database, resource.table)
            found = find_table(world, *place)
        case Kind.CATALOG:
            found = find_catalog(world, resource.catalog_id, viewer.region)
        case Kind.LF_TAG:
            tag = book_of(world, resource.catalog_id, viewer.region).tags.get(resource.expression[0][0])
            return tag is not None and tag.creator == viewer.arn
        case Kind.LF_NAMED_TAG_EXPRESSION:
            expressions = book_of(world, resource.catalog_id, viewer.region).expressions
            named = expressions.get(resource.expression_name)
            return named is not None and named.creator == viewer.arn
        case _:
            found = None
    return found is not None and found.creator == viewer.arn


def _listed(world: World, viewer: Viewer, kind: str) -> list[str]:
    settings = book_of(world, viewer.account, viewer.region).settings
    return [entry["DataLakePrincipalIdentifier"] for entry in settings[kind]]


def _describes_all(world: World, viewer: Viewer, resource: Resource) -> bool:
    """Administrators and creators; of another account's things only what was granted to the account."""
    if resource.owner == viewer.account:
        return is_reader_of_all(world, viewer) or is_creator(world, viewer, resource)
    return is_reader_of_all(world, viewer) and bool(_verbs(_envelopes(world, viewer, resource)))


def _sees_through_tables(world: World, viewer: Viewer, resource: Resource, database: Database) -> bool:
    book = book_of(world, viewer.account, viewer.region)
    for principal in (*viewer.names, IAM_ALLOWED_PRINCIPALS):
        if book.inside[principal, resource.catalog_id, database.name] > 0:
            return True
    if any(table.creator == viewer.arn for table in database.tables.values()):
        return True
    tables = database.tables if any(book.by_tags.get(name) for name in viewer.names) else ()
    places = (table_resource(resource.catalog_id, database.name, name) for name in tables)
    return any(True for place in places for _ in _derived(world, book, viewer, place))


def _readable(world: World, viewer: Viewer, resource: Resource, table: Table) -> Cells:
    if not _decides(world, viewer, resource, table):
        return _cells(world, viewer, _left_to_iam(world, viewer, resource), table)
    granted = _granted(world, viewer, resource, table)
    names = viewer.names if resource.owner == viewer.account else (*viewer.names, viewer.account)
    return apply_policies(world, granted, names, on=resource, table=table, region=viewer.region)


def _granted(world: World, viewer: Viewer, resource: Resource, table: Table) -> Cells:
    """Also to whom hybrid access leaves the data to IAM: its columns are shown to them (assumed)."""
    direct = _cells(world, viewer, _direct(world, viewer, resource, filtered=True), table)
    if resource.owner == viewer.account:
        owns = table.creator == viewer.arn and not viewer.is_root
        return selections.build_whole_cells(table.data_columns) if owns else direct
    envelope = _cells(world, viewer, _envelopes(world, viewer, resource, filtered=True), table)
    local = _cells(world, viewer, _local(world, viewer, resource, filtered=True), table)
    return selections.unite_cells([direct, selections.intersect_cells(envelope, local)])


def _decides(world: World, viewer: Viewer, resource: Resource, table: Table) -> bool:
    """Whether reading is Lake Formation's to decide, and not left to IAM by hybrid access."""
    book = book_of(world, resource.catalog_id, viewer.region)
    return not is_hybrid(book, table) or opted_in(world, viewer.arn, viewer.account, viewer.region, resource)


def reads_as_location(world: World, viewer: Viewer, *, catalog_id: str, database: str, table: str) -> bool:
    """Whether data is read as the location's registered role, and not as the caller itself."""
    found = find_table(world, catalog_id, viewer.region, database, table)
    resource = table_resource(catalog_id, database, table)
    return found is not None and _decides(world, viewer, resource, found)


def _cells(world: World, viewer: Viewer, rows: Iterable[Row], table: Table) -> Cells:
    return selections.unite_cells(_of_row(world, viewer, row, table) for row in rows)


def _of_row(world: World, viewer: Viewer, row: Row, table: Table) -> Cells:
    """Assumed: a filter by a column that the table has no longer shows nothing."""
    columns = table.data_columns
    if row.resource.kind is Kind.DATA_CELLS_FILTER:
        found = find_filter(world, viewer.account, viewer.region, row.resource)
        if found is None or "SELECT" not in row.verbs:
            return {}
        if found.expression and not list_expression_columns(found.expression) <= {
            *columns,
            *table.partition_keys,
        }:
            return {}
        chosen = found.columns or Columns(frozenset(), excluding=True)
        return selections.build_whole_cells(chosen.among(columns), found.condition)
    if "SELECT" in expand_verbs(row.resource.kind, row.verbs):
        return selections.build_whole_cells(columns)
    return selections.build_whole_cells(list_readable(row.selections, columns))


def _verbs(rows: Iterable[Row]) -> set[str]:
    held: set[str] = set()
    for row in rows:
        held |= expand_verbs(row.resource.kind, row.verbs)
    return held


def _places(world: World, viewer: Viewer, resource: Resource, *, filtered: bool) -> tuple[Resource, ...]:
    """Where rows that reach a resource lie: on itself, for a table on all tables of its database and its filters."""
    if resource.kind is not Kind.TABLE or resource.is_all_tables:
        return (resource,)
    filters = list_filters_on(world, viewer.account, viewer.region, resource) if filtered else []
    return (resource, resource.wildcard, *filters)


def _direct(world: World, viewer: Viewer, resource: Resource, *, filtered: bool = False) -> Iterator[Row]:
    book = book_of(world, resource.catalog_id, viewer.region)
    places = _places(world, viewer, resource, filtered=filtered)
    reaching = _held(book, viewer, places)
    if not _leaves_everyone(world, viewer, resource):
        reaching += _left_to_iam(world, viewer, resource)
    reaching += _derived(world, book, viewer, resource)
    reaching += list_super_rows(book, viewer.arn, resource)
    return (row for row in reaching if is_open(world, row, region=viewer.region, to=resource))


def _held(book: Book, viewer: Viewer, places: tuple[Resource, ...]) -> list[Row]:
    return [row for name in viewer.names for row in book.of(name, places)]


def _derived(world: World, book: Book, viewer: Viewer, resource: Resource) -> Iterator[Row]:
    for name in viewer.names:
        yield from derive_rows(world, book, name, resource, region=viewer.region)


def _left_to_iam(world: World, viewer: Viewer, resource: Resource) -> list[Row]:
    """What everyone of the owning account holds; others as far as the catalog's resource policy lets them."""
    book = book_of(world, resource.catalog_id, viewer.region)
    everyone = book.of(IAM_ALLOWED_PRINCIPALS, _places(world, viewer, resource, filtered=False))
    if resource.owner == viewer.account:
        return everyone
    return list(list_left_to_everyone(world, viewer.arn, viewer.region, resource, everyone))


def _leaves_everyone(world: World, viewer: Viewer, resource: Resource) -> bool:
    """Whoever opted in to a table of a hybrid location holds there no more what everyone holds."""
    if not opted_in(world, viewer.arn, viewer.account, viewer.region, resource):
        return False
    place = (resource.catalog_id, viewer.region, resource.database, resource.table)
    book = book_of(world, resource.catalog_id, viewer.region)
    return resource.kind is Kind.TABLE and is_hybrid(book, find_table(world, *place))


def _local(world: World, viewer: Viewer, resource: Resource, *, filtered: bool = False) -> Iterator[Row]:
    book = book_of(world, viewer.account, viewer.region)
    yield from _held(book, viewer, _places(world, viewer, resource, filtered=filtered))
    yield from _derived(world, book, viewer, resource)


def _envelopes(world: World, viewer: Viewer, resource: Resource, *, filtered: bool = False) -> Iterator[Row]:
    for place in _places(world, viewer, resource, filtered=filtered):
        yield from envelopes(world, account=viewer.account, region=viewer.region, on=place, to=resource)
    yield from policy_envelopes(world, account=viewer.account, region=viewer.region, to=resource)
