"""The list of jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.lineage.may import hide_tables, sees_failures
from catalog.lineage.models import JobKind, LineageDataset, LineageJob, LineageRun, RunState
from catalog.lineage.queries import get_job, list_jobs, list_runs, list_unmatched_datasets
from identity.people.models import Person
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


MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class JobRow:
    """A job from `list_jobs`."""

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
        Column(_("Job"), "job", is_labelled=False, sort="name"),
        Column(_("Team"), "components/cells.html#link", "job.team", sort="team__name"),
        Column(_("Last run"), "last_run", sort="last_run_at"),
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


@dataclass(frozen=True)
class RunRow:
    run: LineageRun
    mark: CheckMark
    word: str
    duration: str
    error: str


def build_run_row(run: LineageRun, *, shows_error: bool) -> RunRow:
    state = RunState(run.state)
    return RunRow(
        run, MARKS[state], str(state.label), format_seconds(run.duration), run.error if shows_error else ""
    )


def format_seconds(seconds: float | None) -> str:
    """`3 min 20 s`; empty if it is not known."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < MINUTE:
        return gettext("%(n)s s") % {"n": whole}
    if whole < HOUR:
        return gettext("%(minutes)s min %(seconds)s s") % {
            "minutes": whole // MINUTE,
            "seconds": whole % MINUTE,
        }
    return gettext("%(hours)s h %(minutes)s min") % {
        "hours": whole // HOUR,
        "minutes": whole % HOUR // MINUTE,
    }


class RunFilters(ListFilters):
    state = by_choice("state", RunState.values, "Its state.")


class RunList(ListPage):
    """The runs of `job`, or of the job `pk`."""

    route = "lineage-job"
    template = "portal/lineage/job.html"
    title = _("Runs")
    label = _("List of runs")
    cells = "portal/lineage/_job_cells.html"
    columns = (
        Column(_("Started"), "started", "run.started_at", is_labelled=False, sort="started_at"),
        Column(_("Status"), "run_status"),
        Column(_("Duration"), "duration", "duration", "end", "end num"),
        Column(_("Run"), "run_id", "run.run_id"),
    )
    filters = RunFilters
    order = ("-last_event_at", "-pk")
    empty = EmptyState(
        "clock",
        _("No runs"),
        _("The job was described without a run, or its runs are older than the portal keeps them."),
    )

    @cached_property
    def job(self) -> LineageJob:
        return self.ids.get("job") or get_job(self.person, self.ids["pk"])

    @cached_property
    def shows_errors(self) -> bool:
        return sees_failures(self.person, self.job)

    def list_rows(self) -> QuerySet[Any]:
        return list_runs(self.job)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [build_run_row(run, shows_error=self.shows_errors) for run in rows]

    def build_api_context(self, _rows: list[Any]) -> Mapping[str, Any]:
        return {"shows_errors": self.shows_errors}


class DatasetFilters(ListFilters):
    q = by_text("name__icontains", "Part of its name.")


def show_visible_matches(person: Person, rows: list[LineageDataset]) -> list[LineageDataset]:
    """The same rows as the person may see them."""
    hide_tables(person, rows)
    return rows


class UnmatchedDatasetList(ListPage):
    route = "unmatched-datasets"
    title = _("Unmatched datasets")
    lead = _(
        "Pipelines reported these datasets, but no table of a connected catalog matches them. Match those that are tables, so that their lineage is complete."
    )
    label = _("List of unmatched datasets")
    cells = "portal/lineage/_job_cells.html"
    columns = (
        Column(_("Dataset"), "dataset", is_labelled=False, sort="name"),
        Column(_("Reported by"), "components/cells.html#link", "team"),
        Column(_("Last seen"), "components/cells.html#time", "last_seen", sort="last_seen"),
    )
    filters = DatasetFilters
    inputs = (FilterInput("q", _("Part of the name")),)
    empty = EmptyState("check", _("Nothing to match"), _("Every reported dataset matches a table."))

    def list_rows(self) -> QuerySet[Any]:
        return list_unmatched_datasets(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return show_visible_matches(self.person, rows)
