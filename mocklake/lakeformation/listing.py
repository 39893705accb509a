"""ListPermissions: whose rows are shown, in which shapes, and the traps of reading them.

Sources: API reference and service model (filters, cut to what the caller may see, no listing by columns),
terraform-provider-aws #48360 (filter by a foreign role), DG:cross-account-notes (who sees shared rows),
DG:listing-filter-perms (by a data cells filter, with a Principal or without).

Source: service model. That things below the path count, and not only those exactly at it, is assumed.
"""

from collections.abc import Iterator
from typing import Any

from mocklake import partitions
from mocklake.catalog_ids import check_account, owner_of
from mocklake.errors import AwsError
from mocklake.glue.store import catalog, find_catalog, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation import principals, resources, verbs
from mocklake.lakeformation.authority import (
    Viewer,
    held_verbs,
    is_admin,
    is_creator,
    is_reader_of_all,
    sees_database,
    visible_columns,
)
from mocklake.lakeformation.changes import build_unauthorized_error, get_viewer
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.principals import Principal, Who
from mocklake.lakeformation.resources import Kind, Resource, database_resource, table_resource
from mocklake.lakeformation.row_filters import find_filter, list_filters_on
from mocklake.lakeformation.sharing import is_open, share_arns
from mocklake.lakeformation.store import Row, book_of
from mocklake.lakeformation.tag_policies import derive_rows
from mocklake.world import World

PAGE_LIMIT = 1000
AFTER_ALL_BOOKS = 1_000_000
ADMINISTRATORS_HOLD = {
    Kind.CATALOG: frozenset({"CREATE_DATABASE"}),
    Kind.DATA_LOCATION: frozenset({"DATA_LOCATION_ACCESS"}),
}
"""To pass on as well (DG:implicit-permissions)."""


def list_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Explicit rows; with both Principal and Resource the effective permissions instead."""
    check_account(params.get("CatalogId"))
    resource = _resource_filter(caller, params)
    principal = _principal_filter(world, caller, params)
    if resource:
        _check_exists(world, caller, resource)
    catalog_id = resource.catalog_id if resource else params.get("CatalogId") or caller.account

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        if principal and _is_hidden(world, caller, principal, resource):
            return
        if principal and resource and resource.kind is not Kind.DATA_CELLS_FILTER:
            yield from _effective(world, caller, principal, resource)
            return
        kind = params.get("ResourceType")
        places = _places(world, caller, params, resource)
        for position, row in visible_rows(world, caller, catalog_id, places, start):
            if (principal is None or row.principal == principal.id) and _is_kind(row, kind):
                for index, answer in enumerate(answers(world, row)):
                    yield [*position, index], answer
        if not (principal or resource or kind) and is_reader_of_all(world, get_viewer(caller)):
            yield from _listed_only(world, caller, catalog_id)

    size = page_size(params, PAGE_LIMIT)
    found, more = page(
        items,
        shape=(int, int, int),
        token=params.get("NextToken"),
        size=size,
        empty_page_seed=world.switches.empty_page_seed,
    )
    return {"PrincipalResourcePermissions": found} | ({"NextToken": more} if more else {})


def _listed_only(world: World, caller: Caller, catalog_id: str) -> Iterator[tuple[Position, dict[str, Any]]]:
    """Rows of the caller's own catalog that stand for what is not simulated, after all others."""
    rows = book_of(world, caller.account, caller.region).listed_only if catalog_id == caller.account else ()
    for index, row in enumerate(rows):
        yield [AFTER_ALL_BOOKS, index, 0], row


def _is_kind(row: Row, kind: str | None) -> bool:
    if kind == "LF_TAG_POLICY":
        return row.resource.kind in (Kind.LF_TAG_POLICY_DATABASE, Kind.LF_TAG_POLICY_TABLE)
    return kind in (None, row.resource.kind)


def _resource_filter(caller: Caller, params: dict[str, Any]) -> Resource | None:
    """There is no listing by table with columns; IncludeRelated goes with a table only."""
    shape = params.get("Resource")
    if params.get("IncludeRelated", "FALSE") not in ("TRUE", "FALSE"):
        raise AwsError("InvalidInputException", "IncludeRelated must be TRUE or FALSE.")
    if params.get("IncludeRelated") == "TRUE" and (not shape or "Table" not in shape):
        raise AwsError("InvalidInputException", "IncludeRelated can be used with a table resource only.")
    if not shape:
        return None
    if "TableWithColumns" in shape:
        text = "Resource must have either the catalog, table or database field populated."
        raise AwsError("InvalidInputException", text)
    return resources.read(shape, params.get("CatalogId") or caller.account).resource


def _check_exists(world: World, caller: Caller, resource: Resource) -> None:
    """Nothing is listed of what is not there: AWS refuses, in words that do not say whether it is missing or forbidden."""
    if not _exists(world, caller, resource):
        raise _missing(world, resource)
    if world.switches.unseen_in_listings_refused and not _is_seen(world, get_viewer(caller), resource):
        raise build_unauthorized_error()


def _exists(world: World, caller: Caller, resource: Resource) -> bool:
    if resource.is_nested and find_catalog(world, resource.catalog_id, caller.region) is None:
        return False
    if resource.kind not in (Kind.DATABASE, Kind.TABLE, Kind.DATA_CELLS_FILTER):
        return True
    place = resource.catalog_id, caller.region, resource.database
    if resource.kind is Kind.DATABASE or resource.is_all_tables:
        return find_database(world, *place) is not None
    if find_table(world, *place, resource.table) is None:
        return False
    is_filter = resource.kind is Kind.DATA_CELLS_FILTER
    return not is_filter or find_filter(world, caller.account, caller.region, resource) is not None


def _missing(world: World, resource: Resource) -> AwsError:
    code = world.switches.missing_in_listings
    return (
        build_unauthorized_error()
        if code == "AccessDeniedException"
        else AwsError(code, f"{resource.name} not found.")
    )


def _is_seen(world: World, viewer: Viewer, resource: Resource) -> bool:
    if resource.kind not in (Kind.DATABASE, Kind.TABLE):
        return True
    place = {"catalog_id": resource.catalog_id, "database": resource.database}
    if resource.kind is Kind.DATABASE or resource.is_all_tables:
        return sees_database(world, viewer, **place)
    return visible_columns(world, viewer, **place, table=resource.table) is not None


def _principal_filter(world: World, caller: Caller, params: dict[str, Any]) -> Principal | None:
    if "Principal" not in params:
        return None
    if params.get("IncludeRelated") == "TRUE":
        raise AwsError("InvalidInputException", "Principal must not be set when cell filters are asked for.")
    if not params.get("Resource") and "ResourceType" not in params:
        raise AwsError("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    principal = principals.read(world, params["Principal"], caller.partition)
    principals.require_known(world, principal, caller.account)
    return principal


def _is_hidden(world: World, caller: Caller, principal: Principal, resource: Resource | None) -> bool:
    """A group of Identity Center, and a role of another account (terraform-provider-aws #44574, #48360)."""
    hides = world.switches.hides_foreign_principals
    if principal.who is Who.IDENTITY_CENTER:
        return hides != "never"
    is_foreign = principal.who is Who.IAM and principal.account != caller.account
    of_filter = resource is not None and resource.kind is Kind.DATA_CELLS_FILTER
    return is_foreign and (hides == "always" or (hides == "filters" and of_filter))


def _places(
    world: World, caller: Caller, params: dict[str, Any], resource: Resource | None
) -> list[Resource | None]:
    """Where to look; rows on a table's filters come only with IncludeRelated on that table."""
    related = resource is not None and params.get("IncludeRelated") == "TRUE"
    filters = list_filters_on(world, caller.account, caller.region, resource) if resource and related else []
    return [resource, *filters]


def visible_rows(
    world: World, caller: Caller, catalog_id: str, places: list[Resource | None], start: Position | None
) -> Iterator[tuple[Position, Row]]:
    """Rows of the caller's own book, then those that the catalog's owner opened to the caller."""
    viewer = get_viewer(caller)
    reads_all = is_reader_of_all(world, viewer)
    owners = list(dict.fromkeys((caller.account, owner_of(catalog_id))))
    looks = [(owner, place) for owner in owners for place in places]
    for number, (owner, place) in enumerate(looks):
        own = owner == caller.account and reads_all
        first = start[1] if start and start[0] == number else 0
        for row in book_of(world, owner, caller.region).rows_from(first, place):
            if _is_listed(row, catalog_id, place) and (
                own or _is_for(world, caller, row, reads_all=reads_all)
            ):
                yield [number, row.serial], row


def _is_listed(row: Row, catalog_id: str, place: Resource | None) -> bool:
    is_filter = row.resource.kind is Kind.DATA_CELLS_FILTER
    inside = row.resource.owner == catalog_id if place is None else row.resource.catalog_id == catalog_id
    return inside and not (is_filter and place is None)


def _is_for(world: World, caller: Caller, row: Row, *, reads_all: bool) -> bool:
    """A direct grant is seen by its principal only, the account's by its administrators."""
    if not is_open(world, row, region=caller.region):
        return False
    organisation = ":organizations:" in row.principal
    owner = row.resource.owner
    to_account = row.principal == caller.account or (
        organisation and world.same_organisation(owner, caller.account)
    )
    return row.principal in get_viewer(caller).names or (to_account and reads_all)


def _effective(
    world: World, caller: Caller, principal: Principal, resource: Resource
) -> Iterator[tuple[Position, dict[str, Any]]]:
    if principal.id != caller.arn and not is_reader_of_all(world, get_viewer(caller)):
        return
    row = compute_effective_row(world, caller, principal, resource)
    for index, answer in enumerate(answers(world, row)):
        yield [0, 0, index], answer


def answers(world: World, row: Row) -> Iterator[dict[str, Any]]:
    """A table's SELECT is listed apart, as TableWithColumns, from its other permissions."""
    apart = {"SELECT"} if row.resource.kind is Kind.TABLE else set()
    extra = _details(world, row)
    if (row.verbs | row.grantable) - apart:
        verbs, grantable = row.verbs - apart, row.grantable - apart
        yield _answer(row, resources.write(row.resource), verbs, grantable) | extra
    if (row.verbs | row.grantable) & apart:
        shape = resources.write_columns(row.resource, None)
        yield _answer(row, shape, row.verbs & apart, row.grantable & apart) | extra
    for one in sorted(
        row.selections, key=lambda selection: (selection.columns.excluding, sorted(selection.columns.names))
    ):
        shape = resources.write_columns(row.resource, one.columns)
        held, grantable = ({"SELECT"} if flag else set() for flag in (one.held, one.grantable))
        yield _answer(row, shape, held, grantable) | extra


def _answer(row: Row, shape: dict[str, Any], verbs: set[str], grantable: set[str]) -> dict[str, Any]:
    condition = {"Condition": {"Expression": row.condition}} if row.condition else {}
    written = {"LastUpdated": row.updated_at, "LastUpdatedBy": row.updated_by} if row.updated_by else {}
    return (
        written
        | condition
        | {
            "Principal": {"DataLakePrincipalIdentifier": row.principal},
            "Resource": shape,
            "Permissions": sorted(verbs),
            "PermissionsWithGrantOption": sorted(grantable),
        }
    )


def _details(world: World, row: Row) -> dict[str, Any]:
    arns = share_arns(world, row)
    return {"AdditionalDetails": {"ResourceShare": arns}} if arns else {}


def compute_effective_row(world: World, caller: Caller, principal: Principal, resource: Resource) -> Row:
    """Rows on the resource and on all tables, everyone's, and the rights of creators and administrators."""
    viewer = Viewer(principal.id, principal.account or caller.account, caller.region)
    row = Row(principal.id, resource, 0, world.now(), "")
    row.verbs = held_verbs(world, viewer, resource)
    held = _list_effective_rows(world, caller, principal, resource)
    row.selections = [selection for one in held for selection in one.selections]
    row.grantable = set().union(*(one.grantable for one in held))
    if principal.who is Who.ACCOUNT and caller.account == resource.owner:
        # What the owner gave an account is listed to the owner, accepted or not (data.all reads it so).
        row.verbs = row.verbs.union(*(one.verbs for one in held))
    if resource.owner == viewer.account:
        _add_implicit(world, viewer, row)
    return row


def _add_implicit(world: World, viewer: Viewer, row: Row) -> None:
    kind = row.resource.kind
    if is_creator(world, viewer, row.resource):
        row.verbs |= verbs.list_verbs(row.resource)
        row.grantable |= verbs.list_verbs(row.resource)
    if kind in (Kind.DATABASE, Kind.TABLE) and is_reader_of_all(world, viewer):
        row.verbs.add("DESCRIBE")
    if not is_admin(world, viewer):
        return
    if kind in (Kind.DATABASE, Kind.TABLE) and world.switches.administrators_list_grant_options:
        row.grantable |= verbs.list_verbs(row.resource)
    if kind in ADMINISTRATORS_HOLD and not row.resource.is_nested:
        row.verbs |= ADMINISTRATORS_HOLD[kind]
        row.grantable |= ADMINISTRATORS_HOLD[kind]


def _list_effective_rows(world: World, caller: Caller, principal: Principal, resource: Resource) -> list[Row]:
    is_table = resource.kind is Kind.TABLE and not resource.is_all_tables
    places = (resource, resource.wildcard) if is_table else (resource,)
    accounts = {caller.account, resource.owner}
    found = (
        book_of(world, account, caller.region).find(principal.id, place)
        for account in sorted(accounts)
        for place in places
    )
    derived = (
        row
        for account in sorted(accounts)
        for row in derive_rows(
            world, book_of(world, account, caller.region), principal.id, resource, region=caller.region
        )
    )
    return [row for row in (*found, *derived) if row is not None]


def get_effective_permissions_for_path(
    world: World, caller: Caller, params: dict[str, Any]
) -> dict[str, Any]:
    """Cut, like ListPermissions, to what the caller may see."""
    arn = params["ResourceArn"]
    s3 = partitions.s3_arn(caller.region)
    if not arn.startswith(s3) or arn == s3:
        raise AwsError("InvalidInputException", f"Invalid S3 resource ARN: {arn}")
    catalog_id = params.get("CatalogId") or caller.account
    places = list(_list_lying_at(world, catalog_id, caller.region, arn.removeprefix(s3)))

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        for position, row in visible_rows(world, caller, catalog_id, places, start) if places else ():
            for index, answer in enumerate(answers(world, row)):
                yield [*position, index], answer

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(int, int, int), token=token, size=size)
    return {"Permissions": found} | ({"NextToken": more} if more else {})


def _list_lying_at(world: World, catalog_id: str, region: str, path: str) -> Iterator[Resource | None]:
    databases, below = catalog(world, catalog_id, region), world.switches.paths_include_below
    for name, database in sorted(databases.items()):
        if _lies_in(str(database.body.get("LocationUri", "")), path, below=below):
            yield database_resource(catalog_id, name)
        for table in sorted(database.tables):
            if _lies_in(database.tables[table].location, path, below=below):
                yield table_resource(catalog_id, name, table)


def _lies_in(location: str, path: str, *, below: bool) -> bool:
    place = location.split("://", 1)[-1].rstrip("/") + "/"
    asked = path.rstrip("/") + "/"
    return bool(location) and (place.startswith(asked) if below else place == asked)
