"""Who reads a table no longer once one permission on it is gone, as far as readings tell."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lakeformation.explanation.access_paths import Facts, explain
from lakeformation.explanation.answers import Asked, Verdict
from lakeformation.values.permissions import Permission, Place


@dataclass(frozen=True)
class Loss:
    """The columns of a table that a principal sees only by the permission, and those that it sees without it, too.

    `kept` is what is known to stay: a way that was not read counts as none.
    """

    principal: str
    lost: tuple[str, ...]
    kept: tuple[str, ...]


def losses(
    place: Place, facts: Facts, table: tuple[str, str], gone: Permission, principals: Iterable[str]
) -> list[Loss]:
    """For each of the principals, of a table by database and name."""
    after = without(facts, gone)
    return [
        Loss(
            one,
            tuple(column for column in _seen(place, facts, table, one) if column not in kept),
            kept,
        )
        for one in principals
        for kept in [_seen(place, after, table, one)]
    ]


def without(facts: Facts, gone: Permission) -> Facts:
    """As it would be read once the permission is removed, with the right to pass it on."""
    if facts.own is None:
        return facts
    plain = replace(gone, grantable=False)
    held = {one: columns for one, columns in facts.own.held.items() if replace(one, grantable=False) != plain}
    return replace(facts, own=replace(facts.own, held=held))


def _seen(place: Place, facts: Facts, table: tuple[str, str], principal: str) -> tuple[str, ...]:
    asked = (Asked(principal, place, *table, column) for column in (*facts.columns, *facts.keys))
    return tuple(one.column for one in asked if explain(one, facts).verdict is Verdict.SEES)
