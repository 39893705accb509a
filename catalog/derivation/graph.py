"""Reads what tables are made from, as lineage has it. `catalog.lineage` lies above, so its rows are read by SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection

from catalog.derivation.floor import RANKS, Graph, Place
from catalog.mirror.models import Column, Table

MAX_DEPTH, MAX_EDGES, MAX_COLUMN_EDGES = 10, 20_000, 200_000
# Of a table, the edges that its owner's jobs or views report; of a dataset without a table, all.
_BELIEVED = """JOIN catalog_lineagejob j ON j.id = e.job_id LEFT JOIN catalog_table o ON o.id = t.table_id
    LEFT JOIN catalog_database d ON d.id = o.database_id LEFT JOIN catalog_domain m ON m.id = d.domain_id"""
_IS_BELIEVED = "(j.kind = 'view' OR m.id IS NULL OR j.team_id = m.owner_team_id)"
_UPSTREAM = f"""
WITH RECURSIVE upstream(node, depth) AS (
  SELECT node, 0 FROM unnest(%s::bigint[]) AS node
  UNION
  SELECT s.node, upstream.depth + 1 FROM upstream JOIN catalog_lineagedataset t ON t.node = upstream.node
    JOIN catalog_tableedge e ON e.target_id = t.id JOIN catalog_lineagedataset s ON s.id = e.source_id {_BELIEVED}
   WHERE upstream.depth < %s AND s.node <> t.node AND {_IS_BELIEVED})
SELECT DISTINCT t.node, s.node FROM (SELECT DISTINCT node FROM upstream) AS found
  JOIN catalog_lineagedataset t ON t.node = found.node JOIN catalog_tableedge e ON e.target_id = t.id
  JOIN catalog_lineagedataset s ON s.id = e.source_id {_BELIEVED} WHERE s.node <> t.node AND {_IS_BELIEVED} LIMIT %s"""  # noqa: S608
_COLUMNS = f"""
SELECT DISTINCT t.node, lower(e.target_column), s.node, lower(e.source_column), e.is_direct
  FROM catalog_lineagedataset t JOIN catalog_columnedge e ON e.target_id = t.id
  JOIN catalog_lineagedataset s ON s.id = e.source_id {_BELIEVED}
 WHERE t.node = ANY(%s::bigint[]) AND s.node <> t.node AND {_IS_BELIEVED} LIMIT %s"""  # noqa: S608


def read_graph(tables: Collection[int]) -> Graph:
    """All that lies upstream of these tables. One query if nothing does, else four."""
    nodes = sorted({-pk for pk in tables})
    edges = _run(_UPSTREAM, [nodes, MAX_DEPTH, MAX_EDGES]) if nodes else []
    if not edges:
        return Graph()
    sources: dict[int, set[int]] = defaultdict(set)
    for target, source in edges:
        sources[target].add(source)
    columns: dict[Place, set[Place]] = defaultdict(set)
    traced = set()
    for target, column, source, source_column, is_direct in _run(
        _COLUMNS, [sorted(sources), MAX_COLUMN_EDGES]
    ):
        traced.add((target, source))
        if is_direct and column:
            columns[Place(target, column)].add(Place(source, source_column))
    known = {-node for node in {*nodes, *sources, *(one for found in sources.values() for one in found)}}
    tables_found = Table.objects.filter(pk__in=[pk for pk in known if pk > 0])
    rows = list(tables_found.values_list("pk", "classification", "classes", "database__domain__owner_team"))
    return Graph(
        sources=dict(sources),
        column_sources=dict(columns),
        traced=traced,
        classes=_read_classes(rows),
        teams={-pk: team for pk, _own, _classes, team in rows},
    )


def _run(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _read_classes(rows: Iterable[tuple[int, str, list[str], int | None]]) -> Mapping[int, Mapping[str, str]]:
    classes: dict[int, dict[str, str]] = {
        -pk: {"": max((own, *found), key=RANKS.__getitem__)} for pk, own, found, _team in rows
    }
    columns = Column.objects.filter(table__in=[-node for node in classes])
    for table, name, classification in columns.values_list("table_id", "name", "classification"):
        classes[-table][name.lower()] = classification
    return classes
