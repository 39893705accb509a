"""Writes the events of a call by a few statements, in one order of rows, so that calls at the same time do not block each other.

Each statement is a join: the greatest of times and states is kept, so doubled, late and reordered events do no harm.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.lineage.intake.events import ColumnFact, DatasetFacts, JobFacts, LineageEvent, Name, RunFacts
from catalog.lineage.matching import find_seen_tables, match_datasets
from catalog.lineage.models import RANKS, TERMINAL_STATES, DatasetLink, LineageDataset, MatchKind, RunState


def build_team_key(team_id: int, name: Name) -> UUID:
    """The key of a dataset that the team keeps apart from what other teams call so."""
    return Name(f"team:{team_id}\0{name.namespace}", name.name).key


def find_dataset_keys(team_id: int, names: Collection[Name]) -> dict[Name, UUID]:
    """All teams share the dataset of a name, but for those that keep one apart: by a match by hand, or because they do not see the table
    that the others' matches. One query, and up to three more where datasets of other teams are matched.
    """
    apart = {build_team_key(team_id, name): name for name in names}
    shared = {name.key: name for name in names}
    rows = LineageDataset.objects.filter(key__in=[*apart, *shared])
    keys: dict[Name, UUID] = {}
    foreign: dict[int, tuple[Name, int]] = {}
    for pk, key, team, table in rows.values_list("pk", "key", "team", "table"):
        if key in apart:
            keys[apart[key]] = key
        elif team != team_id and table is not None:
            foreign[pk] = shared[key], table
    unknown = {pk: found for pk, found in foreign.items() if found[0] not in keys}
    keys |= {name: build_team_key(team_id, name) for name in _list_unseen(team_id, unknown)}
    return {name: name.key for name in names} | keys


def _list_unseen(team_id: int, foreign: Mapping[int, tuple[Name, int]]) -> list[Name]:
    """Names of datasets that the team never reported and of whose tables it knows nothing."""
    links = DatasetLink.objects.filter(dataset__in=foreign, job__team=team_id)
    linked = set(links.values_list("dataset", flat=True)) if foreign else set()
    new = {pk: found for pk, found in foreign.items() if pk not in linked}
    tables = find_seen_tables(team_id, {table for _name, table in new.values()})
    return [name for name, table in new.values() if table not in tables]


STARTING = (RunState.START, RunState.RUNNING)
Seen = tuple[datetime, datetime]
_IS_BELIEVED = """(row.{at} IS NULL AND row.table_id IS NULL OR row.team_id = excluded.team_id OR EXISTS (SELECT FROM catalog_table t
    JOIN catalog_database d ON d.id = t.database_id JOIN catalog_domain o ON o.id = d.domain_id
    WHERE t.id = row.table_id AND o.owner_team_id = excluded.team_id))"""
"""Columns and symlinks are those that the dataset's first team reports, or the owner of its table. Before it has a table, the first."""
_IS_RELINKED = f"""row.match IN ('none', 'location', 'symlink') AND excluded.symlinks_at > coalesce(row.symlinks_at, '-infinity')
    AND excluded.symlinks <> row.symlinks AND {_IS_BELIEVED.format(at="symlinks_at")}"""
_WRITE_DATASETS = f"""
INSERT INTO catalog_lineagedataset AS row (key, namespace, name, columns, columns_at, symlinks, symlinks_at, first_seen,
  last_seen, match, team_id)
SELECT key, namespace, name, coalesce(columns::jsonb, '[]'), CASE WHEN columns IS NULL THEN NULL ELSE last_seen END,
  coalesce(symlinks::jsonb, '[]'), CASE WHEN symlinks IS NULL THEN NULL ELSE last_seen END, first_seen, last_seen, 'pending', %s
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
  AS said(key, namespace, name, columns, symlinks, first_seen, last_seen) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
  columns = CASE WHEN excluded.columns_at >= coalesce(row.columns_at, '-infinity') AND {_IS_BELIEVED.format(at="columns_at")}
    THEN excluded.columns ELSE row.columns END,
  columns_at = CASE WHEN {_IS_BELIEVED.format(at="columns_at")} THEN greatest(row.columns_at, excluded.columns_at)
    ELSE row.columns_at END,
  symlinks = CASE WHEN excluded.symlinks_at >= coalesce(row.symlinks_at, '-infinity') AND {_IS_BELIEVED.format(at="symlinks_at")}
    THEN excluded.symlinks ELSE row.symlinks END,
  symlinks_at = CASE WHEN {_IS_BELIEVED.format(at="symlinks_at")} THEN greatest(row.symlinks_at, excluded.symlinks_at)
    ELSE row.symlinks_at END,
  match = CASE WHEN {_IS_RELINKED} THEN 'pending' ELSE row.match END,
  table_id = CASE WHEN {_IS_RELINKED} THEN NULL ELSE row.table_id END,
  first_seen = least(row.first_seen, excluded.first_seen), last_seen = greatest(row.last_seen, excluded.last_seen)
WHERE excluded.last_seen > row.last_seen OR excluded.first_seen < row.first_seen
  OR excluded.columns_at > coalesce(row.columns_at, '-infinity') OR excluded.symlinks_at > coalesce(row.symlinks_at, '-infinity')"""  # noqa: S608
_READ_DATASETS = "SELECT key, id, match FROM catalog_lineagedataset WHERE key = ANY(%s::uuid[])"
_FACETS = ("type", "description", "code_url", "owners")
_WRITE_JOBS = """
INSERT INTO catalog_lineagejob AS row (team_id, key, namespace, name, kind, type, description, code_url, owners, facet_times,
  first_seen, last_seen, view_digest, view_problem)
SELECT %s, key, namespace, name, 'pipeline', type, description, code_url, owners::jsonb, times::jsonb, first_seen, last_seen, '', ''
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
  %s::timestamptz[]) AS said(key, namespace, name, type, description, code_url, owners, times, first_seen, last_seen) ORDER BY key
ON CONFLICT (team_id, key) DO UPDATE SET {newer}, facet_times = jsonb_strip_nulls(jsonb_build_object({times})),
  first_seen = least(row.first_seen, excluded.first_seen), last_seen = greatest(row.last_seen, excluded.last_seen)
WHERE excluded.last_seen > row.last_seen OR excluded.first_seen < row.first_seen
  OR NOT row.facet_times @> excluded.facet_times"""
_WRITE_JOBS = _WRITE_JOBS.replace(
    "{newer}",
    ", ".join(
        f"{name} = CASE WHEN excluded.facet_times->>'{name}' >= coalesce(row.facet_times->>'{name}', '')"
        f" THEN excluded.{name} ELSE row.{name} END"
        for name in _FACETS
    ),
).replace(
    "{times}",
    ", ".join(
        f"'{name}', greatest(row.facet_times->>'{name}', excluded.facet_times->>'{name}')" for name in _FACETS
    ),
)
_READ_JOBS = "SELECT key, id FROM catalog_lineagejob WHERE team_id = %s AND key = ANY(%s::uuid[])"
_WRITE_RUNS = """
INSERT INTO catalog_lineagerun AS row (job_id, run_id, state, state_at, started_at, nominal_at, error, error_at, parent_run,
  parent_job, last_event_at)
SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[],
  %s::timestamptz[], %s::uuid[], %s::text[], %s::timestamptz[])
  AS said(job_id, run_id, state, state_at, started_at, nominal_at, error, error_at, parent_run, parent_job, last_event_at)
ORDER BY job_id, run_id
ON CONFLICT (job_id, run_id) DO UPDATE SET
  state = CASE WHEN {wins} THEN excluded.state ELSE row.state END,
  state_at = CASE WHEN {wins} THEN excluded.state_at ELSE row.state_at END,
  started_at = least(row.started_at, excluded.started_at),
  nominal_at = greatest(row.nominal_at, excluded.nominal_at),
  error = CASE WHEN (coalesce(excluded.error_at, '-infinity'), excluded.error) > (coalesce(row.error_at, '-infinity'), row.error)
    THEN excluded.error ELSE row.error END,
  error_at = greatest(row.error_at, excluded.error_at),
  parent_run = coalesce(greatest(row.parent_run, excluded.parent_run), row.parent_run, excluded.parent_run),
  parent_job = greatest(row.parent_job, excluded.parent_job),
  last_event_at = greatest(row.last_event_at, excluded.last_event_at)"""
_RANK = (
    "({0}.state IN ('abort', 'fail', 'complete'), {0}.state_at,"
    " array_position(ARRAY['other', 'start', 'running', 'abort', 'fail', 'complete'], {0}.state::text))"
)
_WRITE_RUNS = _WRITE_RUNS.replace("{wins}", f"{_RANK.format('excluded')} > {_RANK.format('row')}")
_WRITE_LINKS = """
INSERT INTO catalog_datasetlink AS row (job_id, is_output, dataset_id, is_explicit, last_run, first_seen, last_seen)
SELECT * FROM unnest(%s::bigint[], %s::boolean[], %s::bigint[], %s::boolean[], %s::uuid[], %s::timestamptz[], %s::timestamptz[])
  AS said(job_id, is_output, dataset_id, is_explicit, last_run, first_seen, last_seen) ORDER BY job_id, is_output, dataset_id
ON CONFLICT (job_id, is_output, dataset_id) DO UPDATE SET
  is_explicit = row.is_explicit OR excluded.is_explicit,
  last_run = CASE WHEN (excluded.last_seen, coalesce(excluded.last_run::text, '')) > (row.last_seen, coalesce(row.last_run::text, ''))
    THEN excluded.last_run ELSE row.last_run END,
  first_seen = least(row.first_seen, excluded.first_seen), last_seen = greatest(row.last_seen, excluded.last_seen)"""
_WRITE_EDGES = """
INSERT INTO catalog_tableedge AS row (job_id, source_id, target_id, first_seen, last_seen)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
  AS said(job_id, source_id, target_id, first_seen, last_seen) ORDER BY job_id, source_id, target_id
ON CONFLICT (job_id, source_id, target_id) DO UPDATE SET
  first_seen = least(row.first_seen, excluded.first_seen), last_seen = greatest(row.last_seen, excluded.last_seen)
WHERE excluded.last_seen > row.last_seen OR excluded.first_seen < row.first_seen"""
_WRITE_IMPLIED_EDGES = """
INSERT INTO catalog_tableedge AS row (job_id, source_id, target_id, first_seen, last_seen)
SELECT i.job_id, i.dataset_id, o.dataset_id, greatest(i.first_seen, o.first_seen), greatest(i.last_seen, o.last_seen)
FROM catalog_datasetlink i JOIN catalog_datasetlink o ON o.job_id = i.job_id AND o.is_output
  AND o.dataset_id <> i.dataset_id AND o.last_run IS NOT DISTINCT FROM i.last_run
WHERE NOT i.is_output AND i.job_id = ANY(%s) AND (NOT o.is_explicit OR EXISTS (SELECT 1 FROM catalog_tableedge e
  WHERE e.job_id = i.job_id AND e.source_id = i.dataset_id AND e.target_id = o.dataset_id)) ORDER BY i.job_id, i.dataset_id, o.dataset_id
ON CONFLICT (job_id, source_id, target_id) DO UPDATE SET
  first_seen = least(row.first_seen, excluded.first_seen), last_seen = greatest(row.last_seen, excluded.last_seen)
WHERE excluded.last_seen > row.last_seen"""
_WRITE_COLUMNS = """
INSERT INTO catalog_columnedge AS row (job_id, source_id, source_column, target_id, target_column, is_direct, detail, first_seen,
  last_seen)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::boolean[], %s::text[],
  %s::timestamptz[], %s::timestamptz[])
  AS said(job_id, source_id, source_column, target_id, target_column, is_direct, detail, first_seen, last_seen)
ORDER BY job_id, source_id, source_column, target_id, target_column
ON CONFLICT (job_id, source_id, source_column, target_id, target_column) DO UPDATE SET
  is_direct = CASE WHEN excluded.last_seen >= row.last_seen THEN excluded.is_direct ELSE row.is_direct END,
  detail = CASE WHEN excluded.last_seen >= row.last_seen THEN excluded.detail ELSE row.detail END,
  first_seen = least(row.first_seen, excluded.first_seen), last_seen = greatest(row.last_seen, excluded.last_seen)
WHERE excluded.last_seen > row.last_seen OR excluded.first_seen < row.first_seen"""


@dataclass
class MergedRun:
    """All events of one run, merged; see `LineageRun`."""

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
                job,
                run_id,
                run.state.value,
                run.state_at,
                run.started_at,
                run.nominal_at,
                error,
                error_at,
                run.parent_run,
                run.parent_job,
                run.last_event_at,
            ]

    def link_rows(self) -> Iterator[list[Any]]:
        for (job, is_output, name), (is_explicit, run, seen) in self.links.items():
            yield [job, is_output, name, is_explicit, run, *seen]

    def edge_rows(self) -> Iterator[list[Any]]:
        return ([*key, *seen] for key, seen in self.edges.items())

    def column_rows(self) -> Iterator[list[Any]]:
        for key, (fact, seen) in self.columns.items():
            yield [*key, fact.is_direct, fact.detail, *seen]


def write_events(team_id: int, events: Sequence[LineageEvent], now: datetime) -> None:
    """All of them, within the caller's transaction."""
    # Joins the events of one call, so that each row is written once. The order of the events does not matter.
    merged = MergedEvents()
    for event in sorted(events, key=lambda one: one.at):
        for name in {*event.datasets, *event.inputs, *event.outputs}:
            said = event.datasets.get(name) or DatasetFacts()
            known, seen = merged.datasets.get(name, (DatasetFacts(), None))
            event_columns = known.columns if said.columns is None else said.columns
            symlinks = known.symlinks if said.symlinks is None else said.symlinks
            merged.datasets[name] = DatasetFacts(event_columns, symlinks), _extend(seen, event.at)
        if event.job:
            _add_job(merged, event, event.job)
    datasets = _write_datasets(team_id, merged, now)
    jobs = _write_jobs(team_id, merged)
    _write(_WRITE_RUNS, [(jobs[job], *rest) for job, *rest in merged.run_rows()])
    links = [
        (jobs[job], is_output, datasets[name], *rest) for job, is_output, name, *rest in merged.link_rows()
    ]
    _write(_WRITE_LINKS, links)
    edges = [
        (jobs[job], datasets[one], datasets[other], *seen) for job, one, other, *seen in merged.edge_rows()
    ]
    _write(_WRITE_EDGES, edges)
    columns = [
        (jobs[job], datasets[one], column, datasets[other], *rest)
        for job, one, column, other, *rest in merged.column_rows()
    ]
    _write(_WRITE_COLUMNS, columns)
    if implying := sorted({jobs[job] for job in merged.implying_jobs}):
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_IMPLIED_EDGES, [implying])


def _write_datasets(team_id: int, merged: MergedEvents, now: datetime) -> dict[Name, int]:
    if not merged.datasets:
        return {}
    keys = find_dataset_keys(team_id, merged.datasets)
    rows = [
        (keys[name], *name, _dump(facts.columns), _dump(facts.symlinks), *seen)
        for name, facts, seen in merged.dataset_rows()
    ]
    _write(_WRITE_DATASETS, rows, team_id)
    found = _read(_READ_DATASETS, [_build_array([row[0] for row in rows])])
    new = [pk for _key, pk, match in found if match == MatchKind.PENDING]
    if new:
        match_datasets(list(LineageDataset.objects.filter(pk__in=new).order_by("key")), now)
    by_key = {key: pk for key, pk, _match in found}
    return {name: by_key[keys[name]] for name in merged.datasets}


def _write_jobs(team_id: int, merged: MergedEvents) -> dict[Name, int]:
    rows = [
        (
            name.key,
            *name,
            facts.type,
            facts.description,
            facts.code_url,
            json.dumps(facts.owners),
            json.dumps(times),
            *seen,
        )
        for name, facts, times, seen in merged.job_rows()
    ]
    if not rows:
        return {}
    _write(_WRITE_JOBS, rows, team_id)
    by_key: dict[UUID, int] = dict(_read(_READ_JOBS, [team_id, _build_array([row[0] for row in rows])]))
    return {name: by_key[name.key] for name in merged.jobs}


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _write(statement: str, rows: Iterable[Sequence[Any]], *before: Any) -> None:
    """Columns of the rows as arrays. No statement where there are none."""
    columns = [_build_array(column) for column in zip(*rows, strict=True)]
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*before, *columns])


def _read(statement: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _build_array(values: Iterable[Any]) -> str:
    """An array of texts, numbers, times, UUIDs and None. The statement casts it to its type."""
    return "{" + ",".join(map(_build_element, values)) + "}"


def _build_element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        if "\\" in value or '"' in value:
            value = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{value}"'
    if isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    return str(value)


def _rank_state(state: RunState, at: datetime) -> tuple[bool, datetime, int]:
    """The state of a run is that of its event with the highest rank."""
    return state in TERMINAL_STATES, at, RANKS[state]


def _extend(seen: Seen | None, at: datetime) -> Seen:
    return (min(seen[0], at), max(seen[1], at)) if seen else (at, at)


def _add_job(events: MergedEvents, event: LineageEvent, job: Name) -> None:
    known_job = events.jobs.get(job)
    facts, times, period = known_job or (JobFacts(), {}, None)
    said = {name: value for name, value in asdict(event.job_facts).items() if value}
    newer = dict.fromkeys(said, event.at.isoformat(timespec="microseconds"))
    events.jobs[job] = replace(facts, **said), {**times, **newer}, _extend(period, event.at)
    if event.run:
        _add_run(events, event, job, event.run)
    _add_links(events, event, job)
    for source, target in event.edges:
        key = (job, source, target)
        events.edges[key] = _extend(events.edges.get(key), event.at)
    for fact in event.columns.values():
        place = (job, *fact[:4])
        _fact, seen = events.columns.get(place, (fact, None))
        events.columns[place] = fact, _extend(seen, event.at)


def _add_run(events: MergedEvents, event: LineageEvent, job: Name, run: RunFacts) -> None:
    at, key = event.at, (job, run.run_id)
    known = events.runs.setdefault(key, MergedRun(run.state, at, at))
    if _rank_state(run.state, at) > _rank_state(known.state, known.state_at):
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


def _add_links(events: MergedEvents, event: LineageEvent, job: Name) -> None:
    run = event.run.run_id if event.run else None
    sides = [(False, name) for name in event.inputs] + [(True, name) for name in event.outputs]
    for is_output, name in sides:
        key = (job, is_output, name)
        was_explicit, known_run, seen = events.links.get(key, (False, None, None))
        is_newer = seen is None or (event.at, str(run or "")) >= (seen[1], str(known_run or ""))
        is_explicit = was_explicit or (is_output and name in event.explicit)
        events.links[key] = is_explicit, run if is_newer else known_run, _extend(seen, event.at)
    if event.inputs or event.outputs - event.explicit:
        events.implying_jobs.add(job)
