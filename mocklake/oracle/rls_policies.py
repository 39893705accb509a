"""Row-level security policies of a table, as the oracle reads them: apart from the request path.

Several that apply to a principal unite. By a column that the table has not, or a value that does not fit, one passes no row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mocklake.oracle import row_filters
from mocklake.world import World


def find_applying(world: World, place: Any, account: str, names: Sequence[str]) -> list[Any]:
    """Policies of the owner that are attached to the table for the principal, or its default."""
    book = world.stores["lakeformation"].books.get((place.owner, place.region))
    called = {*names} | ({account} - {place.owner})
    mine, default = [], []
    for one in book.rls_attachments if book else ():
        if one.condition or not _is_on(book, one.resource, place):
            continue
        if one.is_default:
            default.append(one.policy)
        elif one.principal in called:
            mine.append(one.policy)
    counts_too = world.switches.default_rls_policy_beside_others or not mine
    wanted = {*mine, *(default if counts_too else ())}
    return [one for one in book.rls_policies if one.name in wanted] if book else []


def passes(policy: Any, columns: set[str], row: Mapping[str, Any] | None) -> bool:
    """Whether the row passes; for None, whether some row can."""
    if not row_filters.named(policy.expression) <= columns:
        return False
    try:
        return row is None or row_filters.passes(policy.expression, row)
    except (TypeError, ValueError):
        return False


def _is_on(book: Any, resource: Any, place: Any) -> bool:
    if resource.kind.value == "TABLE":
        there = (resource.catalog_id, resource.database, resource.table)
        return there == (place.catalog, place.database, place.table)
    tags: dict[str, str] = {}
    for carrier in ("", place.table):
        tags.update(book.tagged.get((place.tagged_database, carrier, ""), {}))
    named = book.expressions.get(resource.expression_name)
    wanted = named.body if named else resource.expression
    return bool(wanted) and all(key in tags and ("*" in some or tags[key] in some) for key, some in wanted)
