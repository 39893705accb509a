"""Jobs and runs as their pages show them."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.lineage.models import LineageJob, LineageRun
from catalog.lineage.queries import list_runs
from catalog.lineage.states import RunState
from portal.charts.chart import Chart, Series
from portal.charts.scale import ChartUnit
from requests_app.display_states.vocabulary import CheckMark

MARKS = {
    RunState.OTHER: CheckMark.NO,
    RunState.START: CheckMark.WORKING,
    RunState.RUNNING: CheckMark.WORKING,
    RunState.COMPLETE: CheckMark.YES,
    RunState.FAIL: CheckMark.FAILED,
    RunState.ABORT: CheckMark.NO,
}
MINUTE, HOUR = 60, 3600
CHARTED_RUNS = 30


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
        return _("%(n)s s") % {"n": whole}
    if whole < HOUR:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": whole // MINUTE, "seconds": whole % MINUTE}
    return _("%(hours)s h %(minutes)s min") % {"hours": whole // HOUR, "minutes": whole % HOUR // MINUTE}


def find_run_chart(job: LineageJob) -> Chart | None:
    """Durations of the last runs, oldest first; None for fewer than two."""
    runs = [run for run in list_runs(job)[:CHARTED_RUNS] if run.duration is not None][::-1]
    return None if len(runs) < 2 else _build_chart(runs)  # noqa: PLR2004 - a line


def _build_chart(runs: list[LineageRun]) -> Chart:
    latest = format_seconds(runs[-1].duration)
    return Chart(
        key="durations",
        title=_("Duration of the last runs"),
        summary=_("Duration of the last %(n)s runs. The latest took %(latest)s.")
        % {"n": len(runs), "latest": latest},
        axis=_("Run"),
        periods=tuple(date_format(timezone.localtime(run.state_at), "j M, H:i") for run in runs),
        series=(Series(_("Duration"), tuple(run.duration for run in runs)),),
        unit=ChartUnit.DURATION,
    )
