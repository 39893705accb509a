"""Lineage of views, from their text in the mirror."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet

from catalog.lineage.intake.events import Name
from catalog.lineage.models import (
    ColumnEdge,
    DatasetLink,
    JobKind,
    LineageDataset,
    LineageJob,
    MatchKind,
    TableEdge,
)
from catalog.lineage.sql_lineage import (
    ColumnSource,
    TableName,
    UnreadableQueryError,
    list_tables,
    parse_query,
    trace_columns,
)
from catalog.mirror.models import Column, ResourceLink, Table

_PRESTO = re.compile(r"\s*/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/\s*")
VIEW_NAMESPACE = "meshmarket:views"


class ViewText(NamedTuple):
    """`database` is where the query's names without one lie; empty: where the view lies."""

    sql: str
    dialect: str
    database: str = ""


@dataclass
class ViewSources:
    """`problem` is a code, empty when the text could be read."""

    tables: Mapping[TableName, Table] = field(default_factory=dict)
    columns: Sequence[ColumnSource] = ()
    problem: str = ""


def list_views_to_trace() -> QuerySet[Table]:
    """Live views that changed since they were last traced."""
    views = Table.objects.filter(tombstoned_at=None).exclude(view={})
    return views.filter(Q(lineage_job=None) | ~Q(lineage_job__view_digest=F("digest"))).order_by("pk")


@transaction.atomic
def trace_view(table_id: int, now: datetime) -> LineageJob | None:
    """Read the text of a view again, and replace what is known of it. None for a view that is gone."""
    rows = Table.objects.select_related("database__catalog__account").filter(pk=table_id, tombstoned_at=None)
    view = rows.exclude(view={}).first()
    if view is None:
        return None
    found = read_view(view)
    name = Name(VIEW_NAMESPACE, f"{view.database.catalog.short_name}.{view.database.name}.{view.name}")
    facts = {"view_digest": view.digest, "view_problem": found.problem, "last_seen": now}
    job, _is_new = LineageJob.objects.update_or_create(
        view=view,
        defaults={**facts, "key": name.key, "namespace": name.namespace, "name": name.name},
        create_defaults={
            **facts,
            "key": name.key,
            "namespace": name.namespace,
            "name": name.name,
            "kind": JobKind.VIEW,
            "first_seen": now,
        },
    )
    ColumnEdge.objects.filter(job=job).delete()
    TableEdge.objects.filter(job=job).delete()
    DatasetLink.objects.filter(job=job).delete()
    target = get_own_dataset(view, now)
    sources = {
        name: get_own_dataset(table, now) for name, table in found.tables.items() if table.pk != view.pk
    }
    seen = {"job": job, "first_seen": now, "last_seen": now}
    DatasetLink.objects.create(**seen, dataset=target, is_output=True, is_explicit=True)
    unique = {source.pk: source for source in sources.values()}.values()
    DatasetLink.objects.bulk_create([DatasetLink(**seen, dataset=one, is_output=False) for one in unique])
    TableEdge.objects.bulk_create([TableEdge(**seen, source=one, target=target) for one in unique])
    pairs = {
        (sources[column.table], column.column, column.target)
        for column in found.columns
        if column.table in sources
    }
    ColumnEdge.objects.bulk_create(
        [
            ColumnEdge(
                **seen, source=source, source_column=column[:255], target=target, target_column=name[:255]
            )
            for source, column, name in sorted(pairs, key=lambda pair: (pair[0].pk, *pair[1:]))
        ]
    )
    return job


def read_view(view: Table) -> ViewSources:
    text = decode_view(str(view.view.get("text") or ""))
    if text is None:
        return ViewSources(problem="unreadable")
    try:
        query = parse_query(text.sql, text.dialect)
        tables = find_tables(view, text, list_tables(query))
        names = list(view.columns.order_by("position").values_list("name", flat=True))
        found: dict[int, list[str]] = {table.pk: [] for table in tables.values()}
        for table, column in (
            Column.objects.filter(table__in=found).order_by("position").values_list("table", "name")
        ):
            found[table].append(column.lower())
        columns = trace_columns(
            query, text.dialect, {name: found[table.pk] for name, table in tables.items()}, names
        )
    except UnreadableQueryError:
        return ViewSources(problem="unreadable")
    return ViewSources(tables, columns)


def find_tables(view: Table, text: ViewText, names: Sequence[TableName]) -> dict[TableName, Table]:
    """Tables of the view's own catalog, and those that its resource links lead to."""
    usual = text.database or view.database.name
    wanted = {name: (name.database or usual).lower() for name in names}
    found = Q(pk__in=())
    for name, database in wanted.items():
        found |= Q(database__name=database, name=name.name)
    catalog = view.database.catalog_id
    live = Table.objects.filter(
        found, database__catalog=catalog, tombstoned_at=None, database__tombstoned_at=None
    )
    by_name = {
        (table.database.name, table.name): table
        for table in live.select_related("database__catalog__account")
    }
    for database, table in _find_links(catalog, wanted):
        by_name.setdefault((database, table[0]), table[1])
    return {
        name: by_name[database, name.name]
        for name, database in wanted.items()
        if (database, name.name) in by_name
    }


def _find_links(catalog: int, wanted: Mapping[TableName, str]) -> list[tuple[str, tuple[str, Table]]]:
    rows = ResourceLink.objects.filter(catalog=catalog).select_related(
        "leads_to_table__database__catalog__account", "leads_to_database"
    )
    tables = rows.filter(database__in=wanted.values(), name__in=[name.name for name in wanted])
    found = [(link.database, (link.name, link.leads_to_table)) for link in tables if link.leads_to_table]
    for link in rows.filter(database="", name__in=wanted.values()).exclude(leads_to_database=None):
        behind = Table.objects.filter(database=link.leads_to_database_id, tombstoned_at=None)
        names = [name.name for name, database in wanted.items() if database == link.name]
        chosen = behind.filter(name__in=names).select_related("database__catalog__account")
        found += [(link.name, (table.name, table)) for table in chosen]
    return [(database, (name, table)) for database, (name, table) in found if table is not None]


def get_own_dataset(table: Table, now: datetime) -> LineageDataset:
    """The dataset that is named by the table's ARN, as OpenLineage names it."""
    catalog = table.database.catalog
    partition = f"arn:{catalog.account.partition}:glue:{catalog.region}:{catalog.account.account_id}"
    name = Name(partition, f"table/{table.database.name}/{table.name}")
    facts = {
        "namespace": name.namespace,
        "name": name.name,
        "table": table,
        "match": MatchKind.ARN,
        "tried_at": now,
    }
    dataset, _is_new = LineageDataset.objects.get_or_create(
        key=name.key, defaults={**facts, "first_seen": now, "last_seen": now}
    )
    if dataset.table_id is None and dataset.match != MatchKind.HAND_NONE:
        dataset.table, dataset.match = table, MatchKind.ARN
        dataset.save(update_fields=["table", "match"])
    return dataset


# The SQL of a view of Glue. Athena and Presto write it encoded into the comment `/* Presto View: … */`.
def decode_view(text: str) -> ViewText | None:
    """None where there is no text, or none that can be read. Spark, Hive and Data Catalog views are SQL as it is."""
    if found := _PRESTO.fullmatch(text):
        encoded = found[1]
        try:
            said = json.loads(base64.b64decode("".join(encoded.split()), validate=True))
        except (binascii.Error, ValueError, RecursionError):
            return None
        if not isinstance(said, dict) or not isinstance(said.get("originalSql"), str):
            return None
        return ViewText(said["originalSql"], "athena", str(said.get("schema") or ""))
    return ViewText(text, "spark") if text.strip() and "Presto View" not in text else None
