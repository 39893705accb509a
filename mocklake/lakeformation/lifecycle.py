"""What the coming and going of a database or table does to permissions.

A new one gets its default permissions as rows; a dropped one loses every row, tag, filter and opt-in, so that a thing made
again under its name starts with none (DG:granting-catalog-permissions). RAM shares are not told: they stay, unless
a switch says otherwise.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mocklake.glue.store import find_catalog
from mocklake.lakeformation.resources import (
    Kind,
    Resource,
    catalog_resource,
    database_resource,
    table_resource,
)
from mocklake.lakeformation.sharing import close_way
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, Book, Tagged, book_of, store_of
from mocklake.lakeformation.verbs import expand_verbs
from mocklake.world import World


def database_defaults(world: World, catalog_id: str, region: str) -> list[dict[str, Any]]:
    nested = find_catalog(world, catalog_id, region)
    kept = nested.body if nested else book_of(world, catalog_id, region).settings
    return list(kept["CreateDatabaseDefaultPermissions"])


def table_defaults(world: World, catalog_id: str, region: str) -> list[dict[str, Any]]:
    """What a database keeps for its tables when its creator says nothing."""
    nested = find_catalog(world, catalog_id, region)
    kept = nested.body if nested else book_of(world, catalog_id, region).settings
    return list(kept["CreateTableDefaultPermissions"])


def apply_defaults(
    world: World, resource: Resource, *, region: str, defaults: list[dict[str, Any]], by: str
) -> None:
    book = book_of(world, resource.catalog_id, region)
    for entry in defaults:
        principal = entry["Principal"]["DataLakePrincipalIdentifier"]
        if not entry["Permissions"]:
            continue
        row = book.row(principal, resource, now=world.now(), by=by)
        everyone = principal == "IAM_ALLOWED_PRINCIPALS"
        row.verbs |= (
            set(entry["Permissions"]) if everyone else expand_verbs(resource.kind, entry["Permissions"])
        )


def replace_defaults(
    world: World, resource: Resource, *, region: str, defaults: list[dict[str, Any]], by: str
) -> None:
    """What everyone had goes, the defaults come; what was granted to others stays."""
    book = book_of(world, resource.catalog_id, region)
    row = book.find(IAM_ALLOWED_PRINCIPALS, resource)
    if row is not None:
        book.drop(row)
    apply_defaults(world, resource, region=region, defaults=defaults, by=by)


def forget_table(world: World, *, catalog_id: str, region: str, database: str, table: str) -> None:
    resource = table_resource(catalog_id, database, table)
    _forget(world, region, resource)
    _forget_filters(world, region, resource)
    _detach_policies(book_of(world, catalog_id, region), resource)
    place = (resource.tagged_database, table)
    _untag(book_of(world, catalog_id, region), lambda one: one[:2] == place)


def forget_database(world: World, *, catalog_id: str, region: str, database: str) -> None:
    """The database's own rows and those on all its tables; its tables are forgotten one by one before."""
    resource = database_resource(catalog_id, database)
    _forget(world, region, resource)
    _forget(world, region, resource.wildcard)
    _untag(book_of(world, catalog_id, region), lambda one: one[0] == resource.tagged_database)


def forget_catalog(world: World, *, catalog_id: str, region: str) -> None:
    """A nested catalog's own rows; its databases are forgotten one by one before."""
    _forget(world, region, catalog_resource(catalog_id))


def forget_filter(world: World, account: str, region: str, resource: Resource) -> None:
    """An account's filter goes, and every row on it, in every book."""
    filters, table = book_of(world, account, region).filters, resource.whole_table
    del filters[table][resource.filter]
    if not filters[table]:
        del filters[table]
    _forget(world, region, resource)


def forget_expression(world: World, region: str, catalog_id: str, name: str) -> None:
    """Every row on a named LF-Tag expression or by it goes, in every book."""
    books = [book for (_, place), book in store_of(world).books.items() if place == region]
    named = {
        on for book in books for on in book.on if (on.catalog_id, on.expression_name) == (catalog_id, name)
    }
    for resource in named:
        _forget(world, region, resource)


def is_granted(world: World, region: str, resource: Resource) -> bool:
    return any(place == region and resource in book.on for (_, place), book in store_of(world).books.items())


def _forget(world: World, region: str, resource: Resource) -> None:
    """In every book: a receiver's delegated rows on a dropped table are void too."""
    for book in (book for (_, place), book in store_of(world).books.items() if place == region):
        for row in list(book.on.get(resource, {}).values()):
            book.drop(row)
            if row.receiver and not world.switches.drop_leaves_shares:
                close_way(world, book=book, row=row)
        for one in [opt_in for opt_in in book.opt_ins if opt_in[1] == resource]:
            del book.opt_ins[one]


def _forget_filters(world: World, region: str, table: Resource) -> None:
    for (account, place), book in store_of(world).books.items():
        if place == region:
            for name in list(book.filters.get(table, {})):
                one = replace(table, kind=Kind.DATA_CELLS_FILTER, filter=name)
                forget_filter(world, account, region, one)


def _detach_policies(book: Book, table: Resource) -> None:
    """Assumed: what was attached to a dropped table by name is not attached to one that takes its name."""
    book.rls_attachments = tuple(
        rls_attachment for rls_attachment in book.rls_attachments if rls_attachment.resource != table
    )


def _untag(book: Book, gone: Callable[[Tagged], bool]) -> None:
    for one in [one for one in book.tagged if gone(one)]:
        del book.tagged[one]
