"""What LF-Tag policies reach: rows that a policy amounts to on one database or table, found anew at each look.

Source: DG:tag-based-access-control. AND across keys, OR among the values of one; a column carries its table's
tags unless it has a value of its own. Where only some columns fit, the policy gives SELECT on these and no
DESCRIBE on the whole (assumed).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mocklake.glue.store import find_table
from mocklake.lakeformation.resources import Columns, Expression, Kind, Resource
from mocklake.lakeformation.selections import Selection
from mocklake.lakeformation.store import Book, Row, Tagged, book_of
from mocklake.world import World

OF_WHOLE_TABLE = frozenset({"ALL", "SELECT"})
ANY_VALUE = "*"
Tags = dict[str, str]


def fits_tags(expression: Expression, tags: Mapping[str, str]) -> bool:
    return bool(expression) and all(
        key in tags and (tags[key] in values or ANY_VALUE in values) for key, values in expression
    )


def get_policy_body(owner: Book, policy: Resource) -> Expression:
    """The expression as it is now; empty, which fits nothing, for a named one that is gone."""
    if not policy.expression_name:
        return policy.expression
    found = owner.expressions.get(policy.expression_name)
    return found.body if found else ()


def derive_rows(
    world: World, book: Book, principal: str, resource: Resource, *, region: str
) -> Iterator[Row]:
    """The principal's policies in a book, as rows on a database or on one table."""
    owner = book_of(world, resource.catalog_id, region)
    for policy, row in book.by_tags.get(principal, {}).items():
        if policy.owner != resource.owner:
            continue
        expression = get_policy_body(owner, policy)
        if policy.kind is Kind.LF_TAG_POLICY_DATABASE and resource.kind is Kind.DATABASE:
            if fits_tags(expression, get_database_tags(owner, resource.tagged_database)):
                yield replace(row, resource=resource)
        elif policy.kind is Kind.LF_TAG_POLICY_TABLE and resource.kind is Kind.TABLE:
            yield from _derive_on_table(world, owner, row, resource, expression, region=region)


def _derive_on_table(
    world: World, owner: Book, row: Row, resource: Resource, expression: Expression, *, region: str
) -> Iterator[Row]:
    table = find_table(world, resource.catalog_id, region, resource.database, resource.table)
    if table is None:
        return
    place = (resource.tagged_database, table.name)
    columns = frozenset(
        name for name in table.data_columns if fits_tags(expression, get_column_tags(owner, *place, name))
    )
    is_whole = fits_tags(expression, get_table_tags(owner, *place))
    if is_whole and len(columns) == len(set(table.data_columns)):
        yield replace(row, resource=resource)
    elif is_whole or columns:
        describes = world.switches.tagged_columns_describe_table and "DESCRIBE" in row.verbs
        part = _build_partial_row(row, resource, columns, is_whole=is_whole)
        found = replace(part, verbs=part.verbs | {"DESCRIBE"}) if describes else part
        if not found.is_empty:
            yield found


def _build_partial_row(row: Row, resource: Resource, columns: frozenset[str], *, is_whole: bool) -> Row:
    """SELECT shrinks to the columns; the rest stays where the table itself fits."""
    held, grantable = (bool(OF_WHOLE_TABLE & verbs) for verbs in (row.verbs, row.grantable))
    chosen = [Selection(Columns(columns), held, grantable)] if columns and (held or grantable) else []
    gone = OF_WHOLE_TABLE | ({"DESCRIBE"} if chosen else set())
    verbs, options = (row.verbs - gone, row.grantable - gone) if is_whole else (set(), set())
    return replace(row, resource=resource, verbs=verbs, grantable=options, selections=chosen)


def get_own_tags(book: Book, place: Tagged) -> Tags:
    return book.tagged.get(place, {})


def get_database_tags(book: Book, database: str) -> Tags:
    return get_own_tags(book, (database, "", ""))


def get_table_tags(book: Book, database: str, table: str) -> Tags:
    return get_database_tags(book, database) | get_own_tags(book, (database, table, ""))


def get_column_tags(book: Book, database: str, table: str, column: str) -> Tags:
    return get_table_tags(book, database, table) | get_own_tags(book, (database, table, column))


def describe_tags(name: str, catalog_id: str, tags: Tags) -> dict[str, list[dict[str, Any]]]:
    """An answer's member, left out when there are no tags: the service model knows no empty list of them."""
    pairs = [{"CatalogId": catalog_id, "TagKey": key, "TagValues": [tags[key]]} for key in sorted(tags)]
    return {name: pairs} if pairs else {}
