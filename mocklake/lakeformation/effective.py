"""What a principal effectively has on one resource, put together as a row that nobody granted."""

from mocklake.iam.callers import Caller
from mocklake.lakeformation import verbs
from mocklake.lakeformation.authority import Viewer, held_verbs, is_admin, is_creator, is_reader_of_all
from mocklake.lakeformation.principals import Principal, Who
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import Row, book_of
from mocklake.lakeformation.tag_policies import derived_rows
from mocklake.world import World

ADMINISTRATORS_HOLD = {
    Kind.CATALOG: frozenset({"CREATE_DATABASE"}),
    Kind.DATA_LOCATION: frozenset({"DATA_LOCATION_ACCESS"}),
}
"""To pass on as well (DG:implicit-permissions)."""


def effective_row(world: World, caller: Caller, principal: Principal, resource: Resource) -> Row:
    """Rows on the resource and on all tables, everyone's, and the rights of creators and administrators."""
    viewer = Viewer(principal.id, principal.account or caller.account, caller.region)
    row = Row(principal.id, resource, 0, world.now(), "")
    row.verbs = held_verbs(world, viewer, resource)
    held = _rows(world, caller, principal, resource)
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
        row.verbs |= verbs.on(row.resource)
        row.grantable |= verbs.on(row.resource)
    if kind in (Kind.DATABASE, Kind.TABLE) and is_reader_of_all(world, viewer):
        row.verbs.add("DESCRIBE")
    if not is_admin(world, viewer):
        return
    if kind in (Kind.DATABASE, Kind.TABLE) and world.switches.administrators_list_grant_options:
        row.grantable |= verbs.on(row.resource)
    if kind in ADMINISTRATORS_HOLD and not row.resource.is_nested:
        row.verbs |= ADMINISTRATORS_HOLD[kind]
        row.grantable |= ADMINISTRATORS_HOLD[kind]


def _rows(world: World, caller: Caller, principal: Principal, resource: Resource) -> list[Row]:
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
        for row in derived_rows(
            world, book_of(world, account, caller.region), principal.id, resource, region=caller.region
        )
    )
    return [row for row in (*found, *derived) if row is not None]
