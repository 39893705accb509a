"""Reads a well-formed event into values. Pure: no database, no clock."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from catalog.lineage.intake.schema import MAX_FIELD
from catalog.lineage.models import RunState
from catalog.lineage.sql_lineage import (
    TableName,
    UnreadableQueryError,
    list_tables,
    parse_query,
    trace_columns,
)
from kernel.iso_times import parse_iso_time

MAX_STATEMENT = 20_000
"""Longer statements are not read: they would hold up the others of a batch."""
DIALECTS = {
    "athena": "athena",
    "trino": "trino",
    "presto": "presto",
    "hive": "hive",
    "redshift": "redshift",
    "postgres": "postgres",
}
USUAL_DIALECT = "spark"
MAX_AHEAD = timedelta(minutes=5)
"""How far the clock of a pipeline may be ahead; a later time would make data look fresher than it is."""
MAX_COLUMN_EDGES = 20_000
MAX_TEXT, MAX_URL, MAX_OWNERS = 4000, 2000, 20
MAX_KEYS = 20_000
"""Names whose digests are kept: pipelines send the same ones again and again."""
_SAFE_URLS = ("https://", "http://")


class EventError(Exception):
    """The event makes no sense; `path` is its place, with dots."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path, self.message = path, message


class Name(NamedTuple):
    """Namespace and name, of a job or a dataset."""

    namespace: str
    name: str

    @property
    def key(self) -> UUID:
        return _build_key(self.namespace, self.name)


@lru_cache(MAX_KEYS)
def _build_key(namespace: str, name: str) -> UUID:
    return UUID(bytes=hashlib.sha256(f"{namespace}\0{name}".encode()).digest()[:16])


@dataclass
class DatasetFacts:
    """None: the event does not say."""

    columns: list[list[str]] | None = None
    symlinks: list[list[str]] | None = None


@dataclass(frozen=True)
class JobFacts:
    type: str = ""
    description: str = ""
    code_url: str = ""
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunFacts:
    run_id: UUID
    state: RunState
    nominal_at: datetime | None = None
    error: str = ""
    parent_run: UUID | None = None
    parent_job: str = ""


class ColumnFact(NamedTuple):
    source: Name
    source_column: str
    target: Name
    target_column: str
    is_direct: bool
    detail: str


@dataclass
class LineageEvent:
    """`explicit` are outputs whose sources are said; `edges` those sources. `warnings`: paths with what was not read there."""

    at: datetime
    job: Name | None = None
    job_facts: JobFacts = field(default_factory=JobFacts)
    run: RunFacts | None = None
    datasets: dict[Name, DatasetFacts] = field(default_factory=dict)
    inputs: set[Name] = field(default_factory=set)
    outputs: set[Name] = field(default_factory=set)
    explicit: set[Name] = field(default_factory=set)
    edges: set[tuple[Name, Name]] = field(default_factory=set)
    columns: dict[tuple[Name, str, Name, str], ColumnFact] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def read_event(data: Mapping[str, Any], now: datetime) -> LineageEvent:
    """Read data that `schema.is_well_formed`. Raises EventError for a time in the future, or too many columns."""
    moment = parse_iso_time(data["eventTime"])
    if moment is None or moment.year < 1970:  # noqa: PLR2004 - before there were pipelines
        raise EventError("eventTime", "This is not a time of an event.")
    if moment > now + MAX_AHEAD:
        raise EventError("eventTime", "This time is more than five minutes in the future.")
    event = LineageEvent(moment)
    if "dataset" in data:
        name = _read_dataset(event, data["dataset"])
        event.job = (
            Name(name.namespace, f"{name.name} (lineage without a job)")
            if event.edges or event.columns
            else None
        )
        if event.job:
            event.outputs.add(name)
        return _checked(event)
    event.job = _name_of(data["job"])
    facets = _facets_of(data["job"])
    kind = facets.get("jobType") or {}
    url = str((facets.get("sourceCodeLocation") or {}).get("url") or "")
    owners = (facets.get("ownership") or {}).get("owners") or ()
    job_facts = JobFacts(
        type=" ".join(str(kind[name]) for name in ("integration", "jobType") if kind.get(name))[:120],
        description=str((facets.get("documentation") or {}).get("description") or "")[:MAX_TEXT],
        code_url=url if url.startswith(_SAFE_URLS) and len(url) <= MAX_URL else "",
        owners=tuple(str(owner["name"])[:200] for owner in owners[:MAX_OWNERS]),
    )
    event.job_facts = job_facts
    if "run" in data:
        event.run = _read_run(event, data)
    event.inputs |= {_read_dataset(event, one) for one in data.get("inputs") or ()}
    event.outputs |= {_read_dataset(event, output) for output in data.get("outputs") or ()}
    _read_entries(event, _facets_of(data["job"]).get("lineage") or {})
    _read_sql(event, _facets_of(data["job"]).get("sql") or {})
    return _checked(event)


def _checked(event: LineageEvent) -> LineageEvent:
    if len(event.columns) > MAX_COLUMN_EDGES:
        raise EventError("", f"An event can hold at most {MAX_COLUMN_EDGES} pairs of columns.")
    event.edges = {(source, target) for source, target in event.edges if source != target}
    for source, target in event.edges:
        event.datasets.setdefault(source, DatasetFacts())
        event.datasets.setdefault(target, DatasetFacts())
        event.inputs.add(source)
    return event


def _name_of(data: Mapping[str, Any]) -> Name:
    return Name(data["namespace"], data["name"])


def _facets_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    facets: Mapping[str, Any] = data.get("facets") or {}
    return {name: facet for name, facet in facets.items() if facet and not facet.get("_deleted")}


def _read_run(event: LineageEvent, data: Mapping[str, Any]) -> RunFacts:
    facets = _facets_of(data["run"])
    parent = facets.get("parent") or {}
    parent_run, parent_job = parent.get("run") or {}, parent.get("job") or {}
    nominal = (facets.get("nominalTime") or {}).get("nominalStartTime")
    nominal_at = parse_iso_time(nominal) if nominal else None
    if nominal and nominal_at is None:
        event.warnings.append(("run.facets.nominalTime.nominalStartTime", "Left out: this is no time."))
    return RunFacts(
        run_id=UUID(data["run"]["runId"]),
        state=RunState((data.get("eventType") or "OTHER").lower()),
        nominal_at=nominal_at,
        error=str((facets.get("errorMessage") or {}).get("message") or "")[:MAX_TEXT],
        parent_run=UUID(parent_run["runId"]) if parent_run.get("runId") else None,
        parent_job=str(parent_job.get("name") or "")[:MAX_TEXT],
    )


def _read_dataset(event: LineageEvent, data: Mapping[str, Any]) -> Name:
    name, facets = _name_of(data), _facets_of(data)
    facts = event.datasets.setdefault(name, DatasetFacts())
    if fields := (facets.get("schema") or {}).get("fields"):
        facts.columns = [[str(one["name"])[:MAX_FIELD], str(one.get("type") or "")[:200]] for one in fields]
    if links := (facets.get("symlinks") or {}).get("identifiers"):
        facts.symlinks = [[link["namespace"], link["name"]] for link in links]
    if lineage := facets.get("columnLineage"):
        for column, entry in (lineage.get("fields") or {}).items():
            for source in entry["inputFields"] or ():
                _add_column(event, source, name, column)
        for source in lineage.get("dataset") or ():
            _add_column(event, source, name, "")
    if lineage := facets.get("lineage"):
        _read_explicit(event, name, lineage)
    return name


def _read_explicit(event: LineageEvent, target: Name, facet: Mapping[str, Any]) -> None:
    """OpenLineage's LineageFacet: sources of a dataset and of its fields."""
    event.explicit.add(target)
    for source in _list_datasets(facet.get("inputs")):
        if source.get("field"):
            _add_column(event, source, target, "")
        event.edges.add((_name_of(source), target))
    for column, entry in (facet.get("fields") or {}).items():
        for source in _list_datasets(entry.get("inputs")):
            if source.get("field"):
                _add_column(event, source, target, column)
            event.edges.add((_name_of(source), target))


def _read_entries(event: LineageEvent, facet: Mapping[str, Any]) -> None:
    """Read the LineageFacet of a job. Sources and targets that are jobs say what the job reads and writes, and no
    more.
    """
    for entry in facet.get("entries") or ():
        if entry["type"] == "DATASET":
            target = _name_of(entry)
            event.datasets.setdefault(target, DatasetFacts())
            event.outputs.add(target)
            _read_explicit(event, target, entry)
        elif "name" not in entry or _name_of(entry) == event.job:
            for source in _list_datasets(entry.get("inputs")):
                event.datasets.setdefault(_name_of(source), DatasetFacts())
                event.inputs.add(_name_of(source))


def _list_datasets(inputs: Iterable[Mapping[str, Any]] | None) -> Iterator[Mapping[str, Any]]:
    return (one for one in inputs or () if one["type"] == "DATASET")


def _add_column(event: LineageEvent, source: Mapping[str, Any], target: Name, column: str) -> None:
    """Names of columns are compared in lower case, as Glue has them."""
    origin, said = _name_of(source), (source.get("transformations") or [{}])[0]
    fact = ColumnFact(
        origin,
        source["field"].lower()[:MAX_FIELD],
        target,
        column.lower()[:MAX_FIELD],
        is_direct=bool(column) and str(said.get("type") or "DIRECT").upper() != "INDIRECT",
        detail=str(said.get("subtype") or "").lower()[:120],
    )
    if not fact.source_column:
        return
    known = event.columns.get(fact[:4])
    event.columns[fact[:4]] = fact if known is None or fact.is_direct else known
    event.explicit.add(target)
    event.edges.add((origin, target))


def _read_sql(event: LineageEvent, facet: Mapping[str, Any]) -> None:
    """Columns of the job's statement, if the event has no column lineage and one output."""
    query = facet.get("query")
    if not query or event.columns or len(event.outputs) != 1 or not event.inputs:
        return
    target = next(iter(event.outputs))
    schema = {
        _list_aliases(name, event.datasets[name]): tuple(
            column for column, _type in event.datasets[name].columns or ()
        )
        for name in event.inputs
    }
    names = {_list_aliases(name, event.datasets[name]): name for name in event.inputs}
    for statement_column in _find_statement_columns(
        query, str(facet.get("dialect") or ""), tuple(sorted(schema.items()))
    ):
        source = {
            "namespace": names[statement_column.table].namespace,
            "name": names[statement_column.table].name,
            "field": statement_column.column,
        }
        _add_column(event, source, target, statement_column.target)


def _list_aliases(name: Name, facts: DatasetFacts) -> tuple[str, ...]:
    """Names by which a statement may call the dataset: `db.table` of it and of its symlinks, longest first."""
    texts = [name.name, *(link for _namespace, link in facts.symlinks or ())]
    found = {".".join(text.lower().replace("/", ".").strip(".").split(".")[-2:]) for text in texts}
    return tuple(sorted(found))


class StatementColumn(NamedTuple):
    """`table` are the aliases by which the caller named the table."""

    table: tuple[str, ...]
    column: str
    target: str


@lru_cache(maxsize=512)
def _find_statement_columns(
    text: str, dialect: str, schema: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
) -> tuple[StatementColumn, ...]:
    """`schema`: columns by the aliases of a table. A job sends the same statement again and again, so the last ones are kept."""
    if len(text) > MAX_STATEMENT:
        return ()
    spoken = DIALECTS.get(dialect.lower(), USUAL_DIALECT)
    try:
        query = parse_query(text, spoken)
        known = {table: aliases for table in list_tables(query) if (aliases := _find_aliases(table, schema))}
        columns = {one: [name.lower() for name in found[1]] for one, found in known.items()}
        traced = trace_columns(query, spoken, columns)
    except UnreadableQueryError:
        return ()
    return tuple(
        StatementColumn(known[one.table][0], one.column, one.target) for one in traced if one.table in known
    )


def _find_aliases(
    table: TableName, schema: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The only dataset that may be called so."""
    wanted = ".".join(filter(None, table))
    found = [one for one in schema if any(f".{alias}".endswith(f".{wanted}") for alias in one[0])]
    return found[0] if len(found) == 1 else None
