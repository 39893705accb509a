"""What lies up- and downstream of a table, dataset or column, as far as a person may see it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q

from catalog.lineage.may import (
    build_hidden_match_filter,
    find_hidden_matches,
    hide_tables,
    list_own_column_edges,
    list_own_table_edges,
    visible_datasets,
    visible_jobs,
)
from catalog.lineage.models import LineageDataset, LineageJob
from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from identity.people.models import Person
from kernel.sql import prepared_cursor

MAX_DEPTH, USUAL_DEPTH = 10, 2
MAX_EDGES = 4000
"""Edges that are followed in one direction."""


class Direction(StrEnum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


class Edge(NamedTuple):
    """From node to node, by a job. Nodes are as in `LineageDataset.node`."""

    source: int
    target: int
    job_id: int


class Place(NamedTuple):
    """A column of a node; an empty column is all of its rows."""

    node: int
    column: str


class ColumnStep(NamedTuple):
    source: Place
    target: Place
    is_direct: bool
    detail: str


@dataclass(frozen=True)
class Node:
    """The node of a table or, without one, of a dataset. `distance`: steps from the root, negative upstream."""

    number: int
    distance: int
    table: Table | None = None
    dataset: LineageDataset | None = None

    @property
    def name(self) -> str:
        return self.table.name if self.table else str(self.dataset.name if self.dataset else "")

    @property
    def reference(self) -> str:
        """As `node` of the API names it."""
        return format_node(self.number)


@dataclass(frozen=True)
class Lineage:
    """`is_cut`: more lies beyond the limits. `edges` are between visible nodes alone."""

    root: Node
    nodes: Mapping[int, Node]
    edges: tuple[Edge, ...] = ()
    columns: tuple[ColumnStep, ...] = ()
    is_cut: bool = False
    last_seen: datetime | None = None
    jobs: Mapping[int, LineageJob] = field(default_factory=dict)

    def list_side(self, *, upstream: bool) -> list[Node]:
        """By distance, then by name."""
        nodes = [node for node in self.nodes.values() if node.distance and (node.distance < 0) == upstream]
        return sorted(nodes, key=lambda one: (abs(one.distance), one.name, one.number))


def format_node(number: int) -> str:
    return f"table:{-number}" if number < 0 else f"dataset:{number}"


def table_node(table_id: int) -> int:
    return -table_id


_WALK = """
WITH RECURSIVE walk(source, target, job_id, depth) AS (
  SELECT s.node, t.node, e.job_id, 1 FROM catalog_lineagedataset {here} JOIN catalog_tableedge e ON e.{near}_id = {here}.id
    JOIN catalog_lineagedataset {there} ON {there}.id = e.{far}_id WHERE {here}.node = %(node)s AND s.node <> t.node
  UNION
  SELECT s.node, t.node, e.job_id, walk.depth + 1 FROM walk JOIN catalog_lineagedataset {here} ON {here}.node = walk.{far}
    JOIN catalog_tableedge e ON e.{near}_id = {here}.id JOIN catalog_lineagedataset {there} ON {there}.id = e.{far}_id
  WHERE walk.depth < %(depth)s AND s.node <> t.node)
SELECT DISTINCT source, target, job_id FROM walk LIMIT %(limit)s"""
_UP = _WALK.format(here="t", near="target", there="s", far="source")
_DOWN = _WALK.format(here="s", near="source", there="t", far="target")
_WALK_COLUMNS = """
WITH RECURSIVE walk(source, source_column, target, target_column, is_direct, detail, depth) AS (
  SELECT s.node, e.source_column::text, t.node, e.target_column::text, e.is_direct, e.detail::text, 1
    FROM catalog_lineagedataset {here} JOIN catalog_columnedge e ON e.{near}_id = {here}.id
    JOIN catalog_lineagedataset {there} ON {there}.id = e.{far}_id
    WHERE {here}.node = %(node)s AND s.node <> t.node AND (%(column)s = '' OR e.{near}_column = %(column)s {all_rows})
  UNION
  SELECT s.node, e.source_column, t.node, e.target_column, e.is_direct, e.detail, walk.depth + 1
    FROM walk JOIN catalog_lineagedataset {here} ON {here}.node = walk.{far}
    JOIN catalog_columnedge e ON e.{near}_id = {here}.id AND (walk.{far}_column = '' OR e.{near}_column = walk.{far}_column {all_rows})
    JOIN catalog_lineagedataset {there} ON {there}.id = e.{far}_id
    WHERE walk.depth < %(depth)s AND s.node <> t.node)
SELECT DISTINCT source, source_column, target, target_column, is_direct, detail FROM walk LIMIT %(limit)s"""
_COLUMNS_UP = _WALK_COLUMNS.format(
    here="t", near="target", there="s", far="source", all_rows="OR e.target_column = ''"
)
_COLUMNS_DOWN = _WALK_COLUMNS.format(here="s", near="source", there="t", far="target", all_rows="")


def walk(node: int, direction: Direction, depth: int) -> list[Edge]:
    """Edges up to so many steps away, whoever may see them. One query."""
    params = {"node": node, "depth": depth, "limit": MAX_EDGES}
    with prepared_cursor() as cursor:
        cursor.execute(_join_sides(direction, _UP, _DOWN), params)
        return list(dict.fromkeys(Edge(*row) for row in cursor.fetchall()))


def walk_columns(place: Place, direction: Direction, depth: int) -> list[ColumnStep]:
    """The same for a column; an empty one is every column of the node."""
    params: dict[str, int | str] = {
        "node": place.node,
        "column": place.column,
        "depth": depth,
        "limit": MAX_EDGES,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_join_sides(direction, _COLUMNS_UP, _COLUMNS_DOWN), params)
        rows = cursor.fetchall()
    steps = (ColumnStep(Place(*row[:2]), Place(*row[2:4]), *row[4:]) for row in rows)
    return list(dict.fromkeys(steps))


def _join_sides(direction: Direction, up: str, down: str) -> str:
    sides = ((Direction.UPSTREAM, up), (Direction.DOWNSTREAM, down))
    return " UNION ALL ".join(f"({sql})" for side, sql in sides if direction in (side, Direction.BOTH))


def read_lineage(
    person: Person, root: Node, direction: Direction, depth: int, column: str | None = None
) -> Lineage:
    """A hidden node ends its way: what lies behind it is not shown either. With a column, along columns; an empty one means all."""
    start = root.dataset.node if root.dataset else root.number
    steps = walk_columns(Place(start, column), direction, depth) if column is not None else []
    edges = walk(start, direction, depth) if column is None else []
    pairs = _list_pairs(edges, steps)
    visible = find_visible_nodes(person, {node for pair in pairs for node in pair} - {root.number})
    visible[root.number] = root
    if (
        hidden := {node for node in (start, *(node for pair in pairs for node in pair)) if node < 0}
        - visible.keys()
    ):
        if column is None:
            edges = _show_own_edges(person, edges, hidden)
        else:
            steps = _show_own_steps(person, steps, hidden)
        pairs = _list_pairs(edges, steps)
        unknown = {node for pair in pairs for node in pair if node > 0} - visible.keys()
        visible = find_visible_nodes(person, unknown) | visible
    distances = _measure(root.number, pairs, visible, direction, depth)
    nodes = {
        number: Node(number, distance, visible[number].table, visible[number].dataset)
        for number, distance in distances.items()
    }
    kept = tuple(edge for edge in edges if edge.source in nodes and edge.target in nodes)
    seen_jobs = _find_jobs(person, {edge.job_id for edge in kept})
    return Lineage(
        root=nodes[root.number],
        nodes=nodes,
        edges=kept,
        columns=tuple(step for step in steps if step.source.node in nodes and step.target.node in nodes),
        is_cut=len(edges) >= MAX_EDGES or len(steps) >= MAX_EDGES,
        last_seen=max((job.last_seen for job in seen_jobs.values()), default=None),
        jobs=seen_jobs,
    )


def _list_pairs(edges: Sequence[Edge], steps: Sequence[ColumnStep]) -> list[tuple[int, int]]:
    return [(edge.source, edge.target) for edge in edges] or [
        (step.source.node, step.target.node) for step in steps
    ]


def _show_own_edges(person: Person, edges: Sequence[Edge], hidden: Collection[int]) -> list[Edge]:
    """Edges of jobs of the person's teams at tables that they may not see lead to the datasets as these jobs name them, also where
    both are names of one table.
    """
    walked, shown = set(edges), list(edges)
    for edge in list_own_table_edges(person, hidden):
        nodes = edge.source.node, edge.target.node
        if nodes[0] == nodes[1] or Edge(*nodes, edge.job_id) in walked:
            source, target = (
                dataset.pk if dataset.node in hidden else dataset.node
                for dataset in (edge.source, edge.target)
            )
            shown.append(Edge(source, target, edge.job_id))
    return list(dict.fromkeys(shown))


def _show_own_steps(person: Person, steps: Sequence[ColumnStep], hidden: Collection[int]) -> list[ColumnStep]:
    """The same for columns."""
    walked, shown = set(steps), list(steps)
    for edge in list_own_column_edges(person, hidden):
        step = ColumnStep(
            Place(edge.source.node, edge.source_column),
            Place(edge.target.node, edge.target_column),
            edge.is_direct,
            edge.detail,
        )
        if step.source.node == step.target.node or step in walked:
            source, target = (
                dataset.pk if dataset.node in hidden else dataset.node
                for dataset in (edge.source, edge.target)
            )
            shown.append(
                step._replace(
                    source=step.source._replace(node=source), target=step.target._replace(node=target)
                )
            )
    return list(dict.fromkeys(shown))


def _find_jobs(person: Person, ids: Collection[int]) -> dict[int, LineageJob]:
    """One query at most."""
    if not ids:
        return {}
    rows = visible_jobs(person).filter(pk__in=list(ids)).select_related("team", "view__database")
    return {job.pk: job for job in rows}


def _measure(
    root: int,
    pairs: Sequence[tuple[int, int]],
    visible: Mapping[int, Node],
    direction: Direction,
    depth: int,
) -> dict[int, int]:
    """Steps from the root through visible nodes alone, negative upstream. A node on both sides has the shorter way."""
    above, below = defaultdict(set), defaultdict(set)
    for source, target in pairs:
        if source in visible and target in visible:
            above[target].add(source)
            below[source].add(target)
    found = {root: 0}
    sides = ((Direction.UPSTREAM, above, -1), (Direction.DOWNSTREAM, below, 1))
    for ways, sign in ((ways, sign) for side, ways, sign in sides if direction in (side, Direction.BOTH)):
        for number, distance in _search_breadth_first(root, ways, depth).items():
            if number not in found or abs(found[number]) > distance:
                found[number] = sign * distance
    return found


def _search_breadth_first(root: int, ways: Mapping[int, set[int]], depth: int) -> dict[int, int]:
    found, nearest = {root: 0}, [root]
    for distance in range(1, depth + 1):
        around = {other for number in nearest for other in ways.get(number, ())}
        nearest = sorted(around - found.keys())
        found |= dict.fromkeys(nearest, distance)
    return found


def find_visible_nodes(person: Person, numbers: Iterable[int]) -> dict[int, Node]:
    """Two queries at most, and three more where datasets match hidden tables."""
    tables = [-number for number in numbers if number < 0]
    datasets = [number for number in numbers if number > 0]
    found = {}
    related = ("database__catalog__account", "database__domain")
    for table in visible_tables(person).filter(pk__in=tables).select_related(*related) if tables else ():
        found[-table.pk] = Node(-table.pk, 0, table=table)
    looks_unmatched = Q(table=None) | build_hidden_match_filter(person)
    rows = list(visible_datasets(person).filter(looks_unmatched, pk__in=datasets)) if datasets else []
    hide_tables(person, rows)
    return found | {row.pk: Node(row.pk, 0, dataset=row) for row in rows}


def find_dataset_node(person: Person, dataset: int) -> int:
    """The node as which the person sees the dataset: that of its table, if they may see that. A dataset that there is not is a node
    of its own.
    """
    node = LineageDataset.objects.filter(pk=dataset).values_list("node", flat=True).first()
    return dataset if node is None or find_hidden_matches(person, [dataset]) else node


def count_hidden_neighbours(person: Person, root: int) -> int:
    """How many nodes directly below the person may not see. It is for those who answer for the root: see ADR 74."""
    edges = walk(root, Direction.DOWNSTREAM, 1)
    below = {edge.target for edge in edges}
    hidden = below - find_visible_nodes(person, below).keys()
    if not hidden:
        return 0
    own = {(edge.target.node, edge.job_id) for edge in list_own_table_edges(person, hidden)}
    return len(
        {edge.target for edge in edges if edge.target in hidden and (edge.target, edge.job_id) not in own}
    )


@dataclass(frozen=True)
class AffectedTable:
    """`columns` are made from the column; `loses_all_rows`: a filter or join needs it. Neither: no event says which columns."""

    node: Node
    columns: tuple[str, ...]
    loses_all_rows: bool

    @property
    def is_certain(self) -> bool:
        return bool(self.columns) or self.loses_all_rows


@dataclass(frozen=True)
class Impact:
    table: Table
    column: str
    affected: tuple[AffectedTable, ...]
    is_cut: bool

    @property
    def certain(self) -> list[AffectedTable]:
        return [one for one in self.affected if one.is_certain]

    @property
    def possible(self) -> list[AffectedTable]:
        return [one for one in self.affected if not one.is_certain]


def find_impact(person: Person, table: Table, column: str = "") -> Impact:
    """Downstream, to the deepest depth, as far as the person may see it. An empty column: the whole table."""
    root = Node(table_node(table.pk), 0, table=table)
    along = read_lineage(person, root, Direction.DOWNSTREAM, MAX_DEPTH, column.lower())
    whole = read_lineage(person, root, Direction.DOWNSTREAM, MAX_DEPTH)
    columns: dict[int, set[str]] = defaultdict(set)
    filtered = set()
    for step in along.columns:
        if step.target.node == along.root.number:
            continue
        if step.target.column:
            columns[step.target.node].add(step.target.column)
        else:
            filtered.add(step.target.node)
    # Those of which events say from which columns they are made: what is not among the affected keeps all it
    # has.
    lineage = read_lineage(person, root, Direction.DOWNSTREAM, MAX_DEPTH, "")
    known = {step.target.node for step in lineage.columns}
    affected = [
        AffectedTable(node, tuple(sorted(columns[node.number])), node.number in filtered)
        for node in whole.list_side(upstream=False)
        if not column or node.number in columns or node.number in filtered or node.number not in known
    ]
    return Impact(table, column, tuple(affected), along.is_cut or whole.is_cut)
