"""Match datasets to tables by hand, and match all again after a sync."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from catalog.lineage.intake.events import Name
from catalog.lineage.intake.writer import build_team_key
from catalog.lineage.matching import list_datasets_to_match, match_datasets
from catalog.lineage.may import matchable_datasets, matches_all, may_match_dataset, visible_datasets
from catalog.lineage.models import ColumnEdge, DatasetLink, LineageDataset, MatchKind, TableEdge
from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES
from identity.people.events import record_by_person
from identity.people.may import get_team_ids_with_role
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed

MATCH_BATCH = 500


@transaction.atomic(durable=True)
def match_dataset(
    *, acting_user: Person, dataset_id: int, table_id: int | None, now: datetime
) -> LineageDataset:
    """To a live table, or None: to none. What people chose stays, whatever events say. What a team chooses for a dataset that matches
    another team's table is for the events of that team alone. NotFoundError, ForbiddenError, RefusedError.
    """
    visible = visible_datasets(acting_user) & matchable_datasets(acting_user)
    ids = visible.filter(pk=dataset_id).values_list("pk", flat=True)
    if not ids.exists():
        raise NotFoundError
    dataset = LineageDataset.objects.select_for_update(of=("self",)).get(pk=dataset_id)
    table = Table.objects.filter(pk=table_id, tombstoned_at=None).first() if table_id else None
    if table_id and table is None:
        raise RefusedError(_("There is no such table, or you may not see it."), "table")
    verdict = may_match_dataset(acting_user, dataset, table)
    if table and not verdict and may_match_dataset(acting_user, dataset, None):
        raise RefusedError(verdict.reason, "table")
    require_allowed(verdict)
    if (team := _find_team_apart(acting_user, dataset)) is not None:
        # The row becomes the team's, with the times of its events; a copy of it, with what other teams
        # reported, takes its key. Within the caller's transaction.
        copy = LineageDataset.objects.get(pk=dataset.pk)
        links, is_other = DatasetLink.objects.filter(dataset=dataset), ~Q(job__team=team)
        own = links.filter(job__team=team).aggregate(first=Min("first_seen"), last=Max("last_seen"))
        other = links.filter(is_other, job__team__isnull=False).order_by("first_seen", "pk").first()
        copy.pk, copy.team_id = None, other.job.team_id if other and copy.team_id == team else copy.team_id
        dataset.key, dataset.team_id = build_team_key(team, Name(dataset.namespace, dataset.name)), team
        dataset.first_seen = own["first"] or dataset.first_seen
        dataset.last_seen = own["last"] or dataset.last_seen
        dataset.save(update_fields=["key", "team", "first_seen", "last_seen"])
        copy.save(force_insert=True)
        links.filter(is_other).update(dataset=copy)
        for edges in (TableEdge, ColumnEdge):
            edges.objects.filter(is_other, source=dataset).update(source=copy)
            edges.objects.filter(is_other, target=dataset).update(target=copy)
        dataset.quality_rulesets.exclude(team=team).update(dataset=copy)
    before = dataset.table_id
    dataset.table = table
    dataset.match = MatchKind.HAND if table else MatchKind.HAND_NONE
    dataset.matched_by, dataset.tried_at = acting_user, now
    dataset.save(update_fields=["table", "match", "matched_by", "tried_at"])
    data = {"before": before, "table": table_id}
    record_by_person("match_dataset", acting_user, f"lineage_dataset:{dataset.pk}", data, now)
    return dataset


def match_again(*, now: datetime) -> int:
    """Match the datasets of `list_datasets_to_match`. Returns how many changed."""
    changed = 0
    while True:
        with transaction.atomic():
            rows = list_datasets_to_match().exclude(tried_at__gte=now)
            batch = list(rows.select_for_update(skip_locked=True).order_by("pk")[:MATCH_BATCH])
            changed += match_datasets(batch, now)
        if len(batch) < MATCH_BATCH:
            return changed


def _find_team_apart(person: Person, dataset: LineageDataset) -> int | None:
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
