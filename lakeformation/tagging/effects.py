"""The effects of a change of LF-Tags: who gains and who loses which tables and columns."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeformation.tagging.assignments import TagAssignment, TagDefinition
from lakeformation.tagging.inheritance import TaggedDatabase, TaggedTable
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.tag_expressions import TagExpression

TableKey = tuple[str, str]
"""Database and name."""


@dataclass(frozen=True)
class TagHolder:
    """A principal that can read tables by an expression. `intent` is that of its grant; None outside the portal."""

    principal: str
    expression: TagExpression
    intent: int | None = None


@dataclass(frozen=True, order=True)
class AccessChange:
    """What a principal gains and loses of one table. `kept` are columns that only the tags close: the principal still
    reads them by another permission. `opens` and `closes`: the table as a whole becomes visible, or no longer is.
    """

    principal: str
    database: str
    table: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    opens: bool = False
    closes: bool = False
    expressions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "principal": self.principal,
            "database": self.database,
            "table": self.table,
            "gained": list(self.gained),
            "lost": list(self.lost),
            "kept": list(self.kept),
            "opens": self.opens,
            "closes": self.closes,
            "expressions": list(self.expressions),
        }


@dataclass(frozen=True)
class TagChangeEffects:
    """`reach` says by intent and table what its expression gains and loses, whatever else its principal holds.
    `outcome` has the effective values after the change of each table that it touches. `teams` have to approve.
    """

    definitions: tuple[TagDefinition, ...]
    assignments: tuple[TagAssignment, ...]
    access: tuple[AccessChange, ...] = ()
    reach: tuple[dict[str, Any], ...] = ()
    outcome: tuple[dict[str, Any], ...] = ()
    teams: tuple[int, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "wanted": self.wanted,
            "access": [one.to_json() for one in self.access],
            "reach": list(self.reach),
            "teams": list(self.teams),
        }

    @property
    def wanted(self) -> dict[str, Any]:
        """What its intent wants."""
        return {
            "definitions": [one.to_json() for one in self.definitions],
            "assignments": [one.to_json() for one in self.assignments],
            "outcome": list(self.outcome),
        }

    def digest(self) -> str:
        return digest(self.to_json())


def find_visible_columns(expression: TagExpression, table: TaggedTable) -> frozenset[str] | None:
    """The columns that the expression opens, with the partition keys, which come with any column. None: not the table
    either.
    """
    data = {
        name
        for name, tags in table.columns.items()
        if name not in table.partition_keys and expression.matches(tags)
    }
    if data:
        return frozenset(data | table.partition_keys)
    return frozenset() if expression.matches(table.tags) else None


def find_access_changes(
    before: Iterable[TaggedDatabase],
    after: Iterable[TaggedDatabase],
    holders: Iterable[TagHolder],
    named: Mapping[tuple[str, str, str], ColumnSet],
) -> Iterator[AccessChange]:
    """By principal and table. `named` are columns that a principal reads by name, by principal, database and table."""
    mine: dict[str, set[TagExpression]] = defaultdict(set)
    for one in holders:
        mine[one.principal].add(one.expression)
    pairs = list(_pair_tables(before, after))
    for principal, expressions in sorted(mine.items()):
        for old, new in pairs:
            other = named.get((principal, new.database, new.name), NO_COLUMNS)
            if found := _compare_table(principal, sorted(expressions), (old, new), other):
                yield found


def _compare_table(
    principal: str, expressions: list[TagExpression], pair: tuple[TaggedTable, TaggedTable], other: ColumnSet
) -> AccessChange | None:
    changed = [
        (one, find_visible_columns(one, pair[0]), find_visible_columns(one, pair[1])) for one in expressions
    ]
    was = [columns for _, columns, _ in changed if columns is not None]
    now = [columns for _, _, columns in changed if columns is not None]
    before, after = frozenset().union(*was), frozenset().union(*now)
    gained = ColumnSet.include(after - before) - other
    closed = ColumnSet.include(before - after)
    kept = closed & other
    is_known = bool(other)
    opens, closes = bool(now) and not was and not is_known, bool(was) and not now and not is_known
    if not (gained or closed or opens or closes):
        return None
    via = tuple(one.text for one, old, new in changed if old != new)
    return AccessChange(
        principal,
        pair[1].database,
        pair[1].name,
        gained.names,
        (closed - kept).names,
        kept.names,
        opens,
        closes,
        via,
    )


def find_reach_changes(
    before: Iterable[TaggedDatabase], after: Iterable[TaggedDatabase], holders: Iterable[TagHolder]
) -> Iterator[dict[str, Any]]:
    """What each grant's expression opens and closes, table by table."""
    pairs = list(_pair_tables(before, after))
    for one in sorted((h for h in holders if h.intent is not None), key=lambda h: h.intent or 0):
        for old, new in pairs:
            was, now = find_visible_columns(one.expression, old), find_visible_columns(one.expression, new)
            if was == now:
                continue
            yield {
                "intent": one.intent,
                "database": new.database,
                "table": new.name,
                "created": new.created,
                "gained": sorted((now or frozenset()) - (was or frozenset())),
                "lost": sorted((was or frozenset()) - (now or frozenset())),
                "is_reached": now is not None,
            }


def _pair_tables(
    before: Iterable[TaggedDatabase], after: Iterable[TaggedDatabase]
) -> Iterator[tuple[TaggedTable, TaggedTable]]:
    for old, new in zip(before, after, strict=True):
        yield from zip(old.tables, new.tables, strict=True)


def adjust_members(
    members: Iterable[Mapping[str, Any]], reach: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Approved members of a grant by LF-Tags after approved tag changes, in their order: what these opened and closed
    is as approved.
    """
    found = {(one["database"], one["table"], one["created"]): dict(one) for one in members}
    for change in reach:
        key = change["database"], change["table"], change["created"]
        place = dict(zip(("database", "table", "created"), key, strict=True))
        member = found.get(key, {**place, "columns": {}})
        columns = {name: kind for name, kind in member["columns"].items() if name not in change["lost"]}
        columns |= {name: columns.get(name, "") for name in change["gained"]}
        if change["is_reached"]:
            found[key] = {**member, "columns": columns}
        else:
            found.pop(key, None)
    return list(found.values())
