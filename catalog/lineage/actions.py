"""Match datasets to tables by hand, and match all again after a sync."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.lineage.dataset_copies import find_team_apart, keep_apart
from catalog.lineage.matching import list_datasets_to_match, match_datasets
from catalog.lineage.may import matchable_datasets, may_match_dataset, visible_datasets
from catalog.lineage.models import LineageDataset
from catalog.lineage.states import MatchKind
from catalog.mirror.models import Table
from identity.people.events import record_by_person
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
    if (team := find_team_apart(acting_user, dataset)) is not None:
        keep_apart(dataset, team)
    before = dataset.table_id
    dataset.table = table
    dataset.match = MatchKind.HAND if table else MatchKind.HAND_NONE
    dataset.matched_by, dataset.tried_at = acting_user, now
    dataset.save(update_fields=["table", "match", "matched_by", "tried_at"])
    data = {"before": before, "table": table_id}
    record_by_person("match_dataset", acting_user, f"lineage_dataset:{dataset.pk}", data, now)
    return dataset


def match_again(*, now: datetime) -> int:
    """Those of `list_datasets_to_match`. Returns how many changed."""
    changed = 0
    while True:
        with transaction.atomic():
            rows = list_datasets_to_match().exclude(tried_at__gte=now)
            batch = list(rows.select_for_update(skip_locked=True).order_by("pk")[:MATCH_BATCH])
            changed += match_datasets(batch, now)
        if len(batch) < MATCH_BATCH:
            return changed
