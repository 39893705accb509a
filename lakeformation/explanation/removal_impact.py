"""Who reads a table no longer once one permission on it is gone, as far as readings tell."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lakeformation.explanation.access_paths import AccessFacts, explain_column_access
from lakeformation.explanation.answers import ColumnQuestion, ColumnVisibility
from lakeformation.values.permissions import DataCatalog, Permission


@dataclass(frozen=True)
class ColumnLoss:
    """The columns of a table that a principal sees only by the permission, and those that it sees without it, too.

    `remaining_columns` are known to stay visible: an unknown path counts as closed.
    """

    principal: str
    lost_columns: tuple[str, ...]
    remaining_columns: tuple[str, ...]


def find_losses(
    place: DataCatalog,
    facts: AccessFacts,
    table: tuple[str, str],
    gone: Permission,
    principals: Iterable[str],
) -> list[ColumnLoss]:
    """For each of the principals, of a table by database and name."""
    after = remove_permission(facts, gone)
    return [
        ColumnLoss(
            one,
            tuple(column for column in _list_visible_columns(place, facts, table, one) if column not in kept),
            kept,
        )
        for one in principals
        for kept in [_list_visible_columns(place, after, table, one)]
    ]


def remove_permission(facts: AccessFacts, gone: Permission) -> AccessFacts:
    """The facts without the permission and its grant option."""
    if facts.owner_permissions is None:
        return facts
    plain = replace(gone, grantable=False)
    held = {
        one: columns
        for one, columns in facts.owner_permissions.held.items()
        if replace(one, grantable=False) != plain
    }
    return replace(facts, owner_permissions=replace(facts.owner_permissions, held=held))


def _list_visible_columns(
    place: DataCatalog, facts: AccessFacts, table: tuple[str, str], principal: str
) -> tuple[str, ...]:
    asked = (
        ColumnQuestion(principal, place, *table, column) for column in (*facts.columns, *facts.partition_keys)
    )
    return tuple(
        one.column
        for one in asked
        if explain_column_access(one, facts).visibility is ColumnVisibility.VISIBLE
    )
