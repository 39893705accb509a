"""Catalogs and sync runs with their states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from catalog.sync.models import SyncProblem, SyncRun
from catalog.sync.runs import CatalogSync
from requests_app.display_states.rules import (
    CatalogFacts,
    SyncRunFacts,
    get_catalog_state,
    get_sync_run_state,
)
from requests_app.display_states.vocabulary import DisplayState


@dataclass(frozen=True)
class CatalogRow:
    sync: CatalogSync
    state: DisplayState
    quality_trouble: str = ""


@dataclass(frozen=True)
class RunRow:
    run: SyncRun
    state: DisplayState


def get_max_reading_age() -> timedelta:
    """Older than this, a catalog has missed two sync runs."""
    return timedelta(seconds=3 * settings.SYNC_EVERY)


def get_catalog_display_state(sync: CatalogSync, now: datetime) -> DisplayState:
    return get_catalog_state(
        CatalogFacts(
            last_run=build_run_facts(sync.last_run, sync.problem_count) if sync.last_run else None,
            was_read=sync.last_complete_at is not None,
            is_reading_old=sync.last_complete_at is not None
            and now - sync.last_complete_at > get_max_reading_age(),
        )
    )


def get_run_display_state(run: SyncRun, problems: int) -> DisplayState:
    return get_sync_run_state(build_run_facts(run, problems))


def build_run_facts(run: SyncRun, problems: int) -> SyncRunFacts:
    return SyncRunFacts(run.outcome, has_started=run.started_at is not None, problem_count=problems)


def build_run_rows(runs: Iterable[SyncRun]) -> list[RunRow]:
    """One query besides that for the runs."""
    rows = list(runs)
    unread = SyncProblem.objects.filter(run__in=rows).values_list("run").annotate(n=Count("pk"))
    problems = dict(unread.order_by())
    return [RunRow(run, get_run_display_state(run, problems.get(run.pk, 0))) for run in rows]
