"""The AWS calls that a tag change would make, by what the mirror shows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.mirror.models import Column, Database, Table, TagKey
from catalog.tag_changes.effects import list_tag_holders
from catalog.tag_changes.mirror_lag import read_mirrored_tags
from catalog.tag_changes.models import TagChange
from identity.accounts import ConnectedCatalog
from lakeformation.planning.changes import TagWrite
from lakeformation.planning.tag_changes import AssignedTags, TagOrder, plan_tag_changes
from lakeformation.tagging import TagTarget, assignments_from_json, definitions_from_json
from lakeformation.values.permissions import DataCatalog

Values = dict[str, set[str]]


@dataclass(frozen=True)
class TagCall:
    """`count` is of its columns; none where it is about a key, a database or a whole table."""

    operation: str
    resource: str
    tags: tuple[str, ...]
    columns: tuple[str, ...]


def preview_tag_calls(change: TagChange) -> list[TagCall]:
    """At most these: the engine leaves out what is so already."""
    catalog = change.catalog
    assignments = assignments_from_json(change.assignments)
    order = TagOrder(0, definitions_from_json(change.definitions), assignments)
    values = {key: frozenset(some) for key, some in list_known_values(catalog).items()}
    mirrored = read_mirrored_tags(catalog, [assignment.target for assignment in assignments])
    place = DataCatalog(catalog.account.account_id, catalog.region)
    seen = AssignedTags(values, _exclude_inherited(mirrored))
    calls = []
    for step in plan_tag_changes([order], seen, place):
        writes = [one.atom for one in step.changes if isinstance(one.atom, TagWrite)]
        tags = tuple(f"{write.key}={', '.join(write.values)}" for write in writes)
        calls.append(TagCall(step.operation, step.changes[0].resource, tags, writes[0].columns))
    return calls


def _exclude_inherited(
    mirrored: Mapping[TagTarget, Mapping[str, str]],
) -> dict[TagTarget, dict[str, str]]:
    """The tags that differ from the parent's, which each target therefore carries itself."""

    def get_parent(target: TagTarget) -> Mapping[str, str]:
        if target.column:
            return mirrored.get(replace(target, column=""), {})
        return mirrored.get(TagTarget(target.database), {}) if target.table else {}

    return {
        target: {key: value for key, value in tags.items() if get_parent(target).get(key) != value}
        for target, tags in mirrored.items()
    }


def list_known_values(catalog: ConnectedCatalog) -> Values:
    """Values by key that AWS has, or that the mirror shows on something."""
    keys = TagKey.objects.filter(catalog=catalog, tombstoned_at=None)
    known: Values = defaultdict(set)
    for key, values in keys.values_list("key", "values"):
        known[key] |= set(values)
    for rows in _list_tagged(catalog):
        for tags in rows.values_list("tags", flat=True).distinct():
            for key, value in tags.items():
                known[key].add(value)
    return dict(known)


def is_value_assigned(catalog: ConnectedCatalog, key: str, value: str) -> bool:
    return any(rows.filter(tags__contains={key: value}).exists() for rows in _list_tagged(catalog))


def is_value_granted(catalog: ConnectedCatalog, key: str, value: str) -> bool:
    """Whether the expression of a grant, or of a permission in AWS, names the value."""
    return any(
        value in dict(tag_holder.expression.keys).get(key, ()) for tag_holder in list_tag_holders(catalog)
    )


def _list_tagged(catalog: ConnectedCatalog) -> tuple[Any, ...]:
    live = {"tombstoned_at": None}
    return (
        Database.objects.filter(catalog=catalog, **live),
        Table.objects.filter(database__catalog=catalog, database__tombstoned_at=None, **live),
        Column.objects.filter(table__database__catalog=catalog, table__tombstoned_at=None),
    )
