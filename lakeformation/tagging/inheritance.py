"""Effective LF-Tags after a change: a table inherits its database's values, a column its table's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.tagging.assignments import TagAssignment, TagTarget

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
    by_target = {(one.target, one.key): one.value for one in assignments}
    return tuple(_change_database(one, by_target) for one in databases)


Changes = Mapping[tuple[TagTarget, str], str | None]


def _change_database(database: TaggedDatabase, changes: Changes) -> TaggedDatabase:
    tags = _change_tags(TagTarget(database.name), database.tags, {}, {}, changes)
    tables = tuple(_change_table(one, database.tags, tags, changes) for one in database.tables)
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
    changes = {(one.target, one.key): one.value for one in assignments}
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
