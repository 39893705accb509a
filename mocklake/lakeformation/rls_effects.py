"""Which rows the row-level security policies of a table leave to a principal.

Source: DG:rls-policies (the filter is applied when the principal queries, several attachments unite, what a policy needs is
looked at when the table is queried: a missing column gives no row). Whether rows of policies and of data cells filters
meet or unite, and whether a default counts beside a principal's own attachments, are switches. Assumed: what shows all
rows is narrowed by a policy either way; SELECT is needed besides; who created the table is narrowed too; a principal without an
attachment sees what it saw; an attachment to an account counts for the account's principals; a condition is kept
and counts for nothing here.
"""

from collections.abc import Iterable, Mapping

from mocklake.errors import AwsError
from mocklake.glue.store import Table
from mocklake.lakeformation import row_expressions, tag_inheritance
from mocklake.lakeformation.cells import ALL_ROWS, NO_ROWS, Cells, Rows, met, united
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import Book, RLSAttachment, book_of
from mocklake.lakeformation.tag_policies import body_of, fits
from mocklake.world import World

NEVER: Rows = frozenset([frozenset(["(1 = 0)"])])
"""No row, as a condition in SQL."""


def find_default(book: Book, table: Resource) -> RLSAttachment | None:
    """A table has one at most."""
    return next((one for one in book.rls_attachments if one.is_default and one.resource == table), None)


def apply_policies(
    world: World, granted: Cells, names: Iterable[str], *, on: Resource, table: Table, region: str
) -> Cells:
    """`granted` cells of the table as its policies leave them to whoever is called one of `names`."""
    book = book_of(world, on.catalog_id, region)
    applying = _find_applying(world, book, frozenset(names), on)
    if not applying:
        return granted
    policies = {one.name: one.expression for one in book.rls_policies}
    types = _column_types(table)
    rows: Rows = united([{"": _rows_of(policies[one.policy], types)} for one in applying])[""] or NEVER
    return {column: _combine(world, shown, rows) for column, shown in granted.items()}


def _combine(world: World, shown: Rows, by_policies: Rows) -> Rows:
    if shown == ALL_ROWS:
        return by_policies
    if world.switches.rls_policies_with_filters == "intersection":
        return met({"": shown}, {"": by_policies})[""]
    return united([{"": shown}, {"": by_policies}])[""]


def _find_applying(
    world: World, book: Book, names: frozenset[str], resource: Resource
) -> list[RLSAttachment]:
    tags = tag_inheritance.on_table(book, resource.tagged_database, resource.table)
    here = [one for one in book.rls_attachments if not one.condition and _is_on(book, one, resource, tags)]
    own = [one for one in here if not one.is_default and one.principal in names]
    if own and not world.switches.default_rls_policy_beside_others:
        return own
    return own + [one for one in here if one.is_default]


def _is_on(book: Book, one: RLSAttachment, table: Resource, tags: Mapping[str, str]) -> bool:
    if one.resource.kind is Kind.TABLE:
        return one.resource == table
    return one.resource.owner == table.owner and fits(body_of(book, one.resource), tags)


def _rows_of(expression: str, types: Mapping[str, str]) -> Rows:
    try:
        return frozenset([frozenset([row_expressions.to_sql(expression, types)])])
    except AwsError:
        return NO_ROWS


def _column_types(table: Table) -> dict[str, str]:
    described = table.body.get("StorageDescriptor", {}).get("Columns", [])
    listed = [*described, *table.body.get("PartitionKeys", [])]
    return {one["Name"].lower(): one.get("Type", "string") for one in listed}
