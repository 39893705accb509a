"""Joins the events of one call, so that each row is written once. The order of the events does not matter. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.lineage.intake.events import ColumnFact, DatasetFacts, JobFacts, LineageEvent, Name, RunFacts
from catalog.lineage.states import RANKS, TERMINAL_STATES, RunState

STARTING = (RunState.START, RunState.RUNNING)
Seen = tuple[datetime, datetime]


@dataclass
class MergedRun:
    """Of all events of one run; see `LineageRun`."""

    state: RunState
    state_at: datetime
    last_event_at: datetime
    started_at: datetime | None = None
    nominal_at: datetime | None = None
    error: tuple[datetime | None, str] = (None, "")
    parent_run: UUID | None = None
    parent_job: str = ""


@dataclass
class MergedEvents:
    """Each with the times of the first and last event that name it."""

    datasets: dict[Name, tuple[DatasetFacts, Seen]] = field(default_factory=dict)
    jobs: dict[Name, tuple[JobFacts, dict[str, str], Seen]] = field(default_factory=dict)
    runs: dict[tuple[Name, UUID], MergedRun] = field(default_factory=dict)
    links: dict[tuple[Name, bool, Name], tuple[bool, UUID | None, Seen]] = field(default_factory=dict)
    edges: dict[tuple[Name, Name, Name], Seen] = field(default_factory=dict)
    columns: dict[tuple[Name, Name, str, Name, str], tuple[ColumnFact, Seen]] = field(default_factory=dict)
    implying_jobs: set[Name] = field(default_factory=set)
    """Jobs with outputs whose sources are the inputs of the same run."""

    def dataset_rows(self) -> Iterator[tuple[Name, DatasetFacts, Seen]]:
        return ((name, facts, seen) for name, (facts, seen) in self.datasets.items())

    def job_rows(self) -> Iterator[tuple[Name, JobFacts, dict[str, str], Seen]]:
        """With the time of the event that each fact comes from."""
        return ((name, *job) for name, job in self.jobs.items())

    def run_rows(self) -> Iterator[list[Any]]:
        for (job, run_id), run in self.runs.items():
            error_at, error = run.error
            yield [
                job, run_id, run.state.value, run.state_at, run.started_at, run.nominal_at, error, error_at,
                run.parent_run, run.parent_job, run.last_event_at,
            ]  # fmt: skip

    def link_rows(self) -> Iterator[list[Any]]:
        for (job, is_output, name), (is_explicit, run, seen) in self.links.items():
            yield [job, is_output, name, is_explicit, run, *seen]

    def edge_rows(self) -> Iterator[list[Any]]:
        return ([*key, *seen] for key, seen in self.edges.items())

    def column_rows(self) -> Iterator[list[Any]]:
        for key, (fact, seen) in self.columns.items():
            yield [*key, fact.is_direct, fact.detail, *seen]


def merge_events(events: Iterable[LineageEvent]) -> MergedEvents:
    found = MergedEvents()
    for event in sorted(events, key=lambda one: one.at):
        _add_datasets(found, event)
        if event.job:
            _add_job(found, event, event.job)
    return found


def rank_state(state: RunState, at: datetime) -> tuple[bool, datetime, int]:
    """The state of a run is that of its event with the highest rank."""
    return state in TERMINAL_STATES, at, RANKS[state]


def _extend(seen: Seen | None, at: datetime) -> Seen:
    return (min(seen[0], at), max(seen[1], at)) if seen else (at, at)


def _add_datasets(found: MergedEvents, event: LineageEvent) -> None:
    for name in {*event.datasets, *event.inputs, *event.outputs}:
        said = event.datasets.get(name) or DatasetFacts()
        known, seen = found.datasets.get(name, (DatasetFacts(), None))
        columns = known.columns if said.columns is None else said.columns
        symlinks = known.symlinks if said.symlinks is None else said.symlinks
        found.datasets[name] = DatasetFacts(columns, symlinks), _extend(seen, event.at)


def _add_job(found: MergedEvents, event: LineageEvent, job: Name) -> None:
    known_job = found.jobs.get(job)
    facts, times, period = known_job or (JobFacts(), {}, None)
    said = {name: value for name, value in asdict(event.job_facts).items() if value}
    newer = dict.fromkeys(said, event.at.isoformat(timespec="microseconds"))
    found.jobs[job] = replace(facts, **said), {**times, **newer}, _extend(period, event.at)
    if event.run:
        _add_run(found, event, job, event.run)
    _add_links(found, event, job)
    for source, target in event.edges:
        key = (job, source, target)
        found.edges[key] = _extend(found.edges.get(key), event.at)
    for fact in event.columns.values():
        place = (job, *fact[:4])
        _fact, seen = found.columns.get(place, (fact, None))
        found.columns[place] = fact, _extend(seen, event.at)


def _add_run(found: MergedEvents, event: LineageEvent, job: Name, run: RunFacts) -> None:
    at, key = event.at, (job, run.run_id)
    known = found.runs.setdefault(key, MergedRun(run.state, at, at))
    if rank_state(run.state, at) > rank_state(known.state, known.state_at):
        known.state, known.state_at = run.state, at
    if run.state in STARTING:
        known.started_at = min(known.started_at or at, at)
    known.nominal_at = max(filter(None, (known.nominal_at, run.nominal_at)), default=None)
    if run.error:
        known.error = max(
            known.error, (at, run.error), key=lambda one: (one[0] is not None, one[0] or at, one[1])
        )
    known.parent_run = max(filter(None, (known.parent_run, run.parent_run)), default=None)
    known.parent_job = max(known.parent_job, run.parent_job)
    known.last_event_at = max(known.last_event_at, at)


def _add_links(found: MergedEvents, event: LineageEvent, job: Name) -> None:
    run = event.run.run_id if event.run else None
    sides = [(False, name) for name in event.inputs] + [(True, name) for name in event.outputs]
    for is_output, name in sides:
        key = (job, is_output, name)
        was_explicit, known_run, seen = found.links.get(key, (False, None, None))
        is_newer = seen is None or (event.at, str(run or "")) >= (seen[1], str(known_run or ""))
        is_explicit = was_explicit or (is_output and name in event.explicit)
        found.links[key] = is_explicit, run if is_newer else known_run, _extend(seen, event.at)
    if event.inputs or event.outputs - event.explicit:
        found.implying_jobs.add(job)
