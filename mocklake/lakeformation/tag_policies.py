"""What LF-Tag policies reach: rows that a policy amounts to on one database or table, found anew at each look.

Source: DG:tag-based-access-control. AND across keys, OR among the values of one; a column carries its table's
tags unless it has a value of its own. Where only some columns fit, the policy gives SELECT on these and no
DESCRIBE on the whole (assumed).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mocklake.glue.store import find_table
from mocklake.lakeformation import tag_inheritance
from mocklake.lakeformation.resources import Columns, Expression, Kind, Resource
from mocklake.lakeformation.selections import Selection
from mocklake.lakeformation.store import Book, Row, book_of
from mocklake.world import World

OF_WHOLE_TABLE = frozenset({"ALL", "SELECT"})
ANY_VALUE = "*"


def fits(expression: Expression, tags: Mapping[str, str]) -> bool:
    return bool(expression) and all(
        key in tags and (tags[key] in values or ANY_VALUE in values) for key, values in expression
    )


def body_of(owner: Book, policy: Resource) -> Expression:
    """The expression as it is now; empty, which fits nothing, for a named one that is gone."""
    if not policy.expression_name:
        return policy.expression
    found = owner.expressions.get(policy.expression_name)
    return found.body if found else ()


def derived_rows(
    world: World, book: Book, principal: str, resource: Resource, *, region: str
) -> Iterator[Row]:
    """The principal's policies in a book, as rows on a database or on one table."""
    owner = book_of(world, resource.catalog_id, region)
    for policy, row in book.by_tags.get(principal, {}).items():
        if policy.owner != resource.owner:
            continue
        expression = body_of(owner, policy)
        if policy.kind is Kind.LF_TAG_POLICY_DATABASE and resource.kind is Kind.DATABASE:
            if fits(expression, tag_inheritance.on_database(owner, resource.tagged_database)):
                yield replace(row, resource=resource)
        elif policy.kind is Kind.LF_TAG_POLICY_TABLE and resource.kind is Kind.TABLE:
            yield from _on_table(world, owner, row, resource, expression, region=region)


def _on_table(
    world: World, owner: Book, row: Row, resource: Resource, expression: Expression, *, region: str
) -> Iterator[Row]:
    table = find_table(world, resource.catalog_id, region, resource.database, resource.table)
    if table is None:
        return
    place = (resource.tagged_database, table.name)
    columns = frozenset(
        name
        for name in table.data_columns
        if fits(expression, tag_inheritance.on_column(owner, *place, name))
    )
    is_whole = fits(expression, tag_inheritance.on_table(owner, *place))
    if is_whole and len(columns) == len(set(table.data_columns)):
        yield replace(row, resource=resource)
    elif is_whole or columns:
        describes = world.switches.tagged_columns_describe_table and "DESCRIBE" in row.verbs
        part = _partial(row, resource, columns, is_whole=is_whole)
        found = replace(part, verbs=part.verbs | {"DESCRIBE"}) if describes else part
        if not found.is_empty:
            yield found


def _partial(row: Row, resource: Resource, columns: frozenset[str], *, is_whole: bool) -> Row:
    """SELECT shrinks to the columns; the rest stays where the table itself fits."""
    held, grantable = (bool(OF_WHOLE_TABLE & verbs) for verbs in (row.verbs, row.grantable))
    chosen = [Selection(Columns(columns), held, grantable)] if columns and (held or grantable) else []
    gone = OF_WHOLE_TABLE | ({"DESCRIBE"} if chosen else set())
    verbs, options = (row.verbs - gone, row.grantable - gone) if is_whole else (set(), set())
    return replace(row, resource=resource, verbs=verbs, grantable=options, selections=chosen)
