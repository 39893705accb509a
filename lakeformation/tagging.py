"""Changes of LF-Tags: what is assigned, what tables and columns inherit, and who gains and loses which of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.tag_expressions import TagExpression


@dataclass(frozen=True, order=True)
class TagTarget:
    """A database, a table or a column. The parent of a column is its table, that of a table its database."""

    database: str
    table: str = ""
    column: str = ""

    @property
    def name(self) -> str:
        return ".".join(filter(None, (self.database, self.table, self.column)))

    @property
    def level(self) -> int:
        return 2 if self.column else 1 if self.table else 0


@dataclass(frozen=True, order=True)
class TagAssignment:
    """The value of a key that the target carries itself. None: it carries none itself, so it inherits its parent's."""

    target: TagTarget
    key: str
    value: str | None

    def to_json(self) -> dict[str, Any]:
        one = self.target
        return {
            "database": one.database,
            "table": one.table,
            "column": one.column,
            "key": self.key,
            "value": self.value,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagAssignment":
        target = TagTarget(value["database"], value.get("table", ""), value.get("column", ""))
        return cls(target, value["key"], value["value"])


@dataclass(frozen=True, order=True)
class TagDefinition:
    """Values that a key has at least, and `removed` ones that it no longer has. Others that it has in AWS stay. `meanings` are
    descriptions by value, that of the key itself under an empty name.
    """

    key: str
    values: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "values": list(self.values),
            "meanings": dict(self.meanings),
            "removed": list(self.removed),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagDefinition":
        meanings = tuple(sorted(value.get("meanings", {}).items()))
        return cls(value["key"], tuple(value["values"]), meanings, tuple(value.get("removed", ())))


def assignments_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[TagAssignment, ...]:
    return tuple(TagAssignment.from_json(row) for row in rows)


def definitions_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[TagDefinition, ...]:
    return tuple(TagDefinition.from_json(row) for row in rows)


Tags = Mapping[str, str]


@dataclass(frozen=True)
class TaggedTable:
    """A table with the effective tags of itself and of each column. `created` is Glue's CreateTime, its identity."""

    database: str
    name: str
    created: str
    tags: Tags
    columns: Mapping[str, Tags]
    partition_keys: frozenset[str] = frozenset()

    def get_outcome(self, keys: Iterable[str]) -> dict[str, Any]:
        """The effective values of these keys, as stored; a key without a value is left out."""
        wanted = set(keys)

        def pick(tags: Tags) -> dict[str, str]:
            return {key: tags[key] for key in sorted(wanted & tags.keys())}

        columns = {name: pick(tags) for name, tags in sorted(self.columns.items())}
        own = {"database": self.database, "table": self.name, "created": self.created}
        return {**own, "tags": pick(self.tags), "columns": columns}


@dataclass(frozen=True)
class TaggedDatabase:
    """A database with its tags, and those of its tables that are looked at."""

    name: str
    tags: Tags
    tables: tuple[TaggedTable, ...] = ()


def apply_assignments(
    databases: Iterable[TaggedDatabase], assignments: Iterable[TagAssignment]
) -> tuple[TaggedDatabase, ...]:
    """The databases with the effective tags after the assignments.

    Only effective values are known: a value equal to the parent's counts as inherited. The engine reads what is
    assigned, and applies nothing that comes out otherwise (`matches_outcome`).
    """
    by_target = {(assignment.target, assignment.key): assignment.value for assignment in assignments}
    return tuple(_change_database(database, by_target) for database in databases)


Changes = Mapping[tuple[TagTarget, str], str | None]


def _change_database(database: TaggedDatabase, changes: Changes) -> TaggedDatabase:
    tags = _change_tags(TagTarget(database.name), database.tags, {}, {}, changes)
    tables = tuple(_change_table(table, database.tags, tags, changes) for table in database.tables)
    return replace(database, tags=tags, tables=tables)


def _change_table(table: TaggedTable, before: Tags, after: Tags, changes: Changes) -> TaggedTable:
    target = TagTarget(table.database, table.name)
    tags = _change_tags(target, table.tags, before, after, changes)
    columns = {
        name: _change_tags(replace(target, column=name), own, table.tags, tags, changes)
        for name, own in table.columns.items()
    }
    return replace(table, tags=tags, columns=columns)


def _change_tags(
    target: TagTarget, tags: Tags, before: Tags, after: Tags, changes: Changes
) -> dict[str, str]:
    """`before` and `after` are the parent's tags."""
    own = {key: value for key, value in tags.items() if before.get(key) != value}
    for (place, key), value in changes.items():
        if place != target:
            continue
        own.pop(key, None)
        if value is not None:
            own[key] = value
    return {**after, **own}


def compute_outcome(
    own: Mapping[TagTarget, Tags], assignments: Iterable[TagAssignment], expected: Mapping[str, Any]
) -> dict[str, Any]:
    """What `TaggedTable.get_outcome` would say of the table in `expected`, by the tags that AWS says are assigned."""
    changes = {(assignment.target, assignment.key): assignment.value for assignment in assignments}
    keys = {key for _, key in changes}

    def merge(target: TagTarget, inherited: Tags) -> dict[str, str]:
        tags = {key: value for key, value in own.get(target, {}).items() if key in keys}
        for (place, key), value in changes.items():
            if place == target:
                tags.pop(key, None)
                if value is not None:
                    tags[key] = value
        return {**inherited, **tags}

    of_database = merge(TagTarget(expected["database"]), {})
    target = TagTarget(expected["database"], expected["table"])
    of_table = merge(target, of_database)
    columns = {name: merge(replace(target, column=name), of_table) for name in expected["columns"]}
    place = {name: expected[name] for name in ("database", "table", "created")}
    return {**place, "tags": of_table, "columns": columns}


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
            "definitions": [definition.to_json() for definition in self.definitions],
            "assignments": [assignment.to_json() for assignment in self.assignments],
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
    for holder in holders:
        mine[holder.principal].add(holder.expression)
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
        (expression, find_visible_columns(expression, pair[0]), find_visible_columns(expression, pair[1]))
        for expression in expressions
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
    for holder in sorted((h for h in holders if h.intent is not None), key=lambda h: h.intent or 0):
        for old, new in pairs:
            was, now = (
                find_visible_columns(holder.expression, old),
                find_visible_columns(holder.expression, new),
            )
            if was == now:
                continue
            yield {
                "intent": holder.intent,
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
