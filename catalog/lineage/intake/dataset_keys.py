"""Under which keys a team's datasets are stored."""

from collections.abc import Collection
from uuid import UUID

from catalog.lineage.intake.events import Name
from catalog.lineage.models import LineageDataset


def build_team_key(team_id: int, name: Name) -> UUID:
    """Of a dataset that the team keeps apart from what other teams call so: see `catalog.lineage.actions.match_dataset`."""
    return Name(f"team:{team_id}\0{name.namespace}", name.name).key


def find_dataset_keys(team_id: int, names: Collection[Name]) -> dict[Name, UUID]:
    """One query. All teams share the dataset of a name, but for those that keep one of their own."""
    own = {build_team_key(team_id, name): name for name in names}
    kept = LineageDataset.objects.filter(key__in=list(own), team=team_id).values_list("key", flat=True)
    return {name: name.key for name in names} | {own[key]: key for key in kept}
