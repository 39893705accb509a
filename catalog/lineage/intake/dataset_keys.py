"""Under which keys a team's datasets are stored."""

from collections.abc import Collection, Mapping
from uuid import UUID

from catalog.lineage.intake.events import Name
from catalog.lineage.matching import find_seen_tables
from catalog.lineage.models import DatasetLink, LineageDataset


def build_team_key(team_id: int, name: Name) -> UUID:
    """Of a dataset that the team keeps apart from what other teams call so."""
    return Name(f"team:{team_id}\0{name.namespace}", name.name).key


def find_dataset_keys(team_id: int, names: Collection[Name]) -> dict[Name, UUID]:
    """All teams share the dataset of a name, but for those that keep one apart: by a match by hand, or because they do not see the table
    that the others' matches. One query, and up to three more where datasets of other teams are matched.
    """
    apart = {build_team_key(team_id, name): name for name in names}
    shared = {name.key: name for name in names}
    rows = LineageDataset.objects.filter(key__in=[*apart, *shared])
    keys: dict[Name, UUID] = {}
    foreign: dict[int, tuple[Name, int]] = {}
    for pk, key, team, table in rows.values_list("pk", "key", "team", "table"):
        if key in apart:
            keys[apart[key]] = key
        elif team != team_id and table is not None:
            foreign[pk] = shared[key], table
    unknown = {pk: found for pk, found in foreign.items() if found[0] not in keys}
    keys |= {name: build_team_key(team_id, name) for name in _list_unseen(team_id, unknown)}
    return {name: name.key for name in names} | keys


def _list_unseen(team_id: int, foreign: Mapping[int, tuple[Name, int]]) -> list[Name]:
    """Names of datasets that the team never reported and of whose tables it knows nothing."""
    links = DatasetLink.objects.filter(dataset__in=foreign, job__team=team_id)
    linked = set(links.values_list("dataset", flat=True)) if foreign else set()
    new = {pk: found for pk, found in foreign.items() if pk not in linked}
    seen = find_seen_tables(team_id, {table for _name, table in new.values()})
    return [name for name, table in new.values() if table not in seen]
