"""The AWS calls that a tag change would make, by what the mirror shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog.tag_changes.known_values import list_known_values
from catalog.tag_changes.mirror_lag import read_mirrored_tags
from catalog.tag_changes.models import TagChange
from lakeformation.planning.changes import TagWrite
from lakeformation.planning.tag_changes import AssignedTags, TagOrder, plan_tag_changes
from lakeformation.tagging.assignments import TagTarget, assignments_from_json, definitions_from_json
from lakeformation.values.permissions import DataCatalog


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
    mirrored = read_mirrored_tags(catalog, [one.target for one in assignments])
    place = DataCatalog(catalog.account.account_id, catalog.region)
    seen = AssignedTags(values, _exclude_inherited(mirrored))
    calls = []
    for step in plan_tag_changes([order], seen, place):
        writes = [one.atom for one in step.changes if isinstance(one.atom, TagWrite)]
        tags = tuple(f"{one.key}={', '.join(one.values)}" for one in writes)
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
