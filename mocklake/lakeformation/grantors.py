"""Who may grant and revoke what."""

from collections.abc import Iterable

from mocklake.glue.store import find_table
from mocklake.lakeformation import verbs
from mocklake.lakeformation.authority import is_admin, is_creator
from mocklake.lakeformation.changes import Change, unauthorized
from mocklake.lakeformation.resources import Columns, Kind, Resource
from mocklake.lakeformation.selections import passable
from mocklake.lakeformation.sharing import envelopes, policy_envelopes
from mocklake.lakeformation.store import Row
from mocklake.lakeformation.tag_grantors import (
    account_describes,
    account_tag_rows,
    grants_by_tags,
    own_tag_rows,
)
from mocklake.lakeformation.tag_policies import derived_rows
from mocklake.world import World


def check_grantor(world: World, change: Change) -> None:
    """Administrators, creators and holders of the grant option; delegated only what the account was given.

    AccessDeniedException in one wording for what is missing and what is forbidden, as AWS answers it.
    """
    if change.is_delegated and not _account_passes(world, change):
        raise unauthorized()
    check_revoker(world, change)


def check_revoker(world: World, change: Change) -> None:
    """As for granting, but what an administrator's account once passed on it may always take back."""
    owns = not change.is_delegated and is_creator(world, change.grantor, _owned(change.resource))
    if owns or is_admin(world, change.grantor):
        return
    if not (_passes(world, change, _own_rows(world, change)) or grants_by_tags(world, change)):
        raise unauthorized()


def _account_passes(world: World, change: Change) -> bool:
    """An LF-Tag policy is passed on as it was given, or another (not known of AWS) by the tags that it names."""
    given = _account_rows(world, change)
    if given:
        return _passes(world, change, given)
    return world.switches.regrants_by_described_tags and account_describes(world, change)


def _owned(resource: Resource) -> Resource:
    return resource.whole_table if resource.kind is Kind.DATA_CELLS_FILTER else resource


def _places(resource: Resource) -> list[Resource]:
    """A filter may also be passed on by whoever may pass on the whole table."""
    if resource.kind is Kind.DATA_CELLS_FILTER:
        return [resource, resource.whole_table, resource.wildcard]
    is_one_table = resource.kind is Kind.TABLE and not resource.is_all_tables
    return [resource, resource.wildcard] if is_one_table else [resource]


def _own_rows(world: World, change: Change) -> list[Row]:
    book, arn, resource = change.book(world), change.grantor.arn, change.resource
    rows = (book.find(arn, place) for place in _places(resource))
    derived = derived_rows(world, book, arn, _owned(resource), region=change.grantor.region)
    return [row for row in (*rows, *derived) if row is not None] + own_tag_rows(world, change)


def _account_rows(world: World, change: Change) -> list[Row]:
    account, region, resource = change.grantor.account, change.grantor.region, change.resource
    named = [
        row
        for place in _places(resource)
        for row in envelopes(world, account=account, region=region, on=place, to=_owned(resource))
    ]
    derived = policy_envelopes(world, account=account, region=region, to=_owned(resource))
    return [*named, *derived, *account_tag_rows(world, change)]


def _passes(world: World, change: Change, rows: Iterable[Row]) -> bool:
    """The rows' grant options cover every verb, and for a narrowed SELECT every column."""
    rows = list(rows)
    held: set[str] = set()
    for row in rows:
        held |= verbs.expand(row.resource.kind, row.grantable)
    missing = (change.verbs | change.options) - held
    return not missing or (missing == {"SELECT"} and _passes_columns(world, change, rows))


def _passes_columns(world: World, change: Change, rows: Iterable[Row]) -> bool:
    resource, columns = change.resource, change.target.columns
    table = find_table(world, resource.catalog_id, change.grantor.region, resource.database, resource.table)
    if table is None or columns is None:
        return False
    allowed: set[str] = set()
    for row in rows:
        allowed |= passable(row.selections, table.data_columns)
    return _named(columns, table.data_columns) <= allowed


def _named(columns: Columns, table_columns: tuple[str, ...]) -> set[str]:
    return {name for name in table_columns if (name in columns.names) != columns.excluding}
