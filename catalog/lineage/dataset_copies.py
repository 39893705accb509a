"""A dataset of one name that a team matches for itself, beside that of the other teams."""

from django.db.models import Max, Min, Q

from catalog.lineage.intake.dataset_keys import build_team_key
from catalog.lineage.intake.events import Name
from catalog.lineage.may import matches_all
from catalog.lineage.models import ColumnEdge, DatasetLink, LineageDataset, TableEdge
from catalog.products.may import EDITOR_ROLES
from identity.people.may import get_team_ids_with_role
from identity.people.models import Person


def find_team_apart(person: Person, dataset: LineageDataset) -> int | None:
    """The team of the person whose choice must not change what other teams report: others report the dataset too, and it matches a
    table of none of the person's teams. None for whoever matches all datasets.
    """
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    if matches_all(person) or dataset.table is None or _get_owner_team(dataset) in teams:
        return None
    links = DatasetLink.objects.filter(dataset=dataset)
    own = links.filter(job__team__in=teams).order_by("job__team").values_list("job__team", flat=True).first()
    team = dataset.team_id if dataset.team_id in teams else own
    has_others = dataset.team_id != team or links.filter(~Q(job__team=team)).exists()
    return team if has_others else None


def _get_owner_team(dataset: LineageDataset) -> int | None:
    domain = dataset.table.database.domain if dataset.table else None
    return domain.owner_team_id if domain else None


def keep_apart(dataset: LineageDataset, team_id: int) -> None:
    """The row becomes the team's, with the times of its events; a copy of it, with what other teams reported, takes its key. Within
    the caller's transaction.
    """
    copy = LineageDataset.objects.get(pk=dataset.pk)
    links, is_other = DatasetLink.objects.filter(dataset=dataset), ~Q(job__team=team_id)
    own = links.filter(job__team=team_id).aggregate(first=Min("first_seen"), last=Max("last_seen"))
    other = links.filter(is_other, job__team__isnull=False).order_by("first_seen", "pk").first()
    copy.pk, copy.team_id = None, other.job.team_id if other and copy.team_id == team_id else copy.team_id
    dataset.key, dataset.team_id = build_team_key(team_id, Name(dataset.namespace, dataset.name)), team_id
    dataset.first_seen = own["first"] or dataset.first_seen
    dataset.last_seen = own["last"] or dataset.last_seen
    dataset.save(update_fields=["key", "team", "first_seen", "last_seen"])
    copy.save(force_insert=True)
    links.filter(is_other).update(dataset=copy)
    for edges in (TableEdge, ColumnEdge):
        edges.objects.filter(is_other, source=dataset).update(source=copy)
        edges.objects.filter(is_other, target=dataset).update(target=copy)
    dataset.quality_rulesets.exclude(team=team_id).update(dataset=copy)
