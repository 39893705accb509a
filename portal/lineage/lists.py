"""The list of jobs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.lineage.models import JobKind, LineageJob, RunState
from catalog.lineage.queries import list_jobs
from portal.api.filters import ListFilters, by_choice, by_text
from portal.lists.declaration import Column, EmptyState, FilterInput, ListPage
from requests_app.display_states.vocabulary import CheckMark

MARKS = {
    RunState.OTHER: CheckMark.NO,
    RunState.START: CheckMark.WORKING,
    RunState.RUNNING: CheckMark.WORKING,
    RunState.COMPLETE: CheckMark.YES,
    RunState.FAIL: CheckMark.FAILED,
    RunState.ABORT: CheckMark.NO,
}


class JobFilters(ListFilters):
    team = by_text("team__slug", "The team.")
    kind = by_choice("kind", JobKind.values, "Pipeline or view.")
    q = by_text("name__icontains", "Part of its name.")


@dataclass(frozen=True)
class JobRow:
    """Of a job from `list_jobs`."""

    job: LineageJob

    @property
    def last_run_at(self) -> Any:
        return getattr(self.job, "last_run_at", None)

    @property
    def mark(self) -> CheckMark | None:
        state = getattr(self.job, "last_state", None)
        return MARKS[RunState(state)] if state else None

    @property
    def word(self) -> str:
        state = getattr(self.job, "last_state", None)
        return str(RunState(state).label) if state else ""


class JobList(ListPage):
    route, api_route = "lineage-jobs", "api-jobs"
    title = _("Jobs")
    lead = _("Pipelines that sent OpenLineage events, and views of the catalogs.")
    label = _("List of jobs")
    cells = "portal/lineage/_job_cells.html"
    columns = (
        Column(_("Job"), "job", is_labelled=False),
        Column(_("Team"), "components/cells.html#link", "job.team"),
        Column(_("Last run"), "last_run"),
    )
    filters = JobFilters
    inputs = (FilterInput("q", _("Part of the name")),)
    empty = EmptyState(
        "unknown",
        _("No jobs yet"),
        _("Jobs appear when a pipeline sends OpenLineage events with a service token of its team."),
    )

    def list_rows(self) -> QuerySet[Any]:
        return list_jobs(self.person).order_by("-last_seen", "pk")

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [JobRow(job) for job in rows]
