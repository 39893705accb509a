"""The calls that make approved LF-Tag assignments true, and what is left of them in a reading."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lakeformation.planning.changes import PlannedChange, Step, TagWrite
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from lakeformation.values.permissions import DataCatalog

MAX_TAGS_PER_CALL = 50
"""LF-Tags of one AddLFTagsToResource call (AWS API reference)."""


@dataclass(frozen=True)
class TagOrder:
    """What one intent still has to answer for: assignments that a later intent replaced are left out."""

    intent: int
    definitions: tuple[TagDefinition, ...]
    assignments: tuple[TagAssignment, ...]


@dataclass(frozen=True)
class AssignedTags:
    """Defined values by key; tags that each target carries itself. `missing` are targets that do not exist."""

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    own: Mapping[TagTarget, Mapping[str, str]] = field(default_factory=dict)
    missing: frozenset[TagTarget] = frozenset()

    def lacks(self, assignment: TagAssignment) -> bool:
        return (
            assignment.target not in self.missing
            and self.own.get(assignment.target, {}).get(assignment.key) != assignment.value
        )


def list_open_definitions(order: TagOrder, tags: AssignedTags) -> list[TagDefinition]:
    """Definitions with the values that are not there yet, and the removed ones that still are."""
    definitions = []
    for definition in order.definitions:
        known = tags.values.get(definition.key, frozenset())
        missing = tuple(value for value in definition.values if value not in known)
        surplus = tuple(value for value in definition.removed if value in known)
        if missing or surplus:
            definitions.append(TagDefinition(definition.key, missing, removed=surplus))
    return definitions


def list_open_assignments(order: TagOrder, tags: AssignedTags) -> list[TagAssignment]:
    return [assignment for assignment in order.assignments if tags.lacks(assignment)]


def plan_tag_changes(orders: Iterable[TagOrder], tags: AssignedTags, catalog: DataCatalog) -> list[Step]:
    """Definitions first. One call for each resource: columns of a table that change alike share one."""
    every = list(orders)
    steps: list[Step] = []
    new: set[str] = set()
    for order in every:
        for definition in list_open_definitions(order, tags):
            steps += _plan_definition(
                order.intent, definition, catalog, is_new=definition.key not in new | tags.values.keys()
            )
            new.add(definition.key)
    for order in every:
        steps += _plan_assignments(order, tags, catalog)
    return steps


def _plan_definition(
    intent: int, definition: TagDefinition, catalog: DataCatalog, *, is_new: bool
) -> Iterator[Step]:
    parts = (("define tag", definition.values), ("undefine tag", definition.removed))
    for action, values in parts:
        if values:
            write = TagWrite(catalog, "", "", (), definition.key, values)
            change = PlannedChange(action, catalog, f"LF-Tag {definition.key}", write, None, (intent,))
            yield Step("CreateLFTag" if is_new else "UpdateLFTag", catalog, (change,))


def _plan_assignments(order: TagOrder, tags: AssignedTags, catalog: DataCatalog) -> Iterator[Step]:
    groups: dict[tuple[str, str, bool, tuple[tuple[str, str], ...]], list[str]] = defaultdict(list)
    by_target: dict[TagTarget, list[TagAssignment]] = defaultdict(list)
    for assignment in list_open_assignments(order, tags):
        by_target[assignment.target].append(assignment)
    for target, mine in sorted(by_target.items()):
        for removes in (False, True):
            pairs = tuple(
                sorted(
                    (one.key, tags.own[target][one.key] if one.value is None else one.value)
                    for one in mine
                    if (one.value is None) == removes
                )
            )
            if pairs:
                groups[target.database, target.table, removes, pairs].append(target.column)
    for (database, table, removes, pairs), columns in groups.items():
        for column_group in _split_levels(columns):
            for start in range(0, len(pairs), MAX_TAGS_PER_CALL):
                some = pairs[start : start + MAX_TAGS_PER_CALL]
                changes = tuple(
                    _build_change(
                        order.intent,
                        TagWrite(catalog, database, table, column_group, key, (value,)),
                        removes=removes,
                    )
                    for key, value in some
                )
                operation = "RemoveLFTagsFromResource" if removes else "AddLFTagsToResource"
                yield Step(operation, catalog, changes)


def _split_levels(columns: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The table itself (no columns), and its columns."""
    every = list(columns)
    if "" in every:
        yield ()
    if named := tuple(sorted(filter(None, every))):
        yield named


def _build_change(intent: int, write: TagWrite, *, removes: bool) -> PlannedChange:
    action = "untag" if removes else "tag"
    return PlannedChange(action, write.catalog, write.resource, write, None, (intent,))
