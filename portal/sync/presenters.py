"""Catalogs and sync runs with their states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from catalog.sync.models import SyncProblem, SyncRun
from catalog.sync.queries import CatalogSync
from requests_app.display_states.rules import CatalogFacts, RunFacts, get_catalog_state, get_run_state
from requests_app.display_states.vocabulary import DisplayState


@dataclass(frozen=True)
class CatalogShown:
    sync: CatalogSync
    state: DisplayState


@dataclass(frozen=True)
class RunShown:
    run: SyncRun
    state: DisplayState


def longest_age() -> timedelta:
    """A catalog whose last success is older has missed two readings."""
    return timedelta(seconds=3 * settings.SYNC_EVERY)


def catalog_state(sync: CatalogSync, now: datetime) -> DisplayState:
    return get_catalog_state(
        CatalogFacts(
            run=facts_of(sync.run, sync.problems) if sync.run else None,
            was_read=sync.read_at is not None,
            is_reading_old=sync.read_at is not None and now - sync.read_at > longest_age(),
        )
    )


def run_state(run: SyncRun, problems: int) -> DisplayState:
    return get_run_state(facts_of(run, problems))


def facts_of(run: SyncRun, problems: int) -> RunFacts:
    return RunFacts(run.outcome, has_started=run.started_at is not None, problems=problems)


def runs_shown(runs: Iterable[SyncRun]) -> list[RunShown]:
    """One query besides that for the runs."""
    rows = list(runs)
    unread = SyncProblem.objects.filter(run__in=rows).values_list("run").annotate(n=Count("pk"))
    problems = dict(unread.order_by())
    return [RunShown(run, run_state(run, problems.get(run.pk, 0))) for run in rows]
