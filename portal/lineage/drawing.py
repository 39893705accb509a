"""The drawing of a lineage and the list beside it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.lineage.graph import (
    Direction,
    Lineage,
    Node,
    Place,
    read_lineage,
    table_node,
)
from catalog.lineage.matching import normalize_location
from catalog.lineage.models import JobKind, LineageJob, LineageRun
from catalog.lineage.queries import find_last_runs, is_claim
from catalog.mirror.models import Table
from identity.people.models import Person
from portal.lineage.layout import NODE_WIDTH, Layout, draw_curve, lay_out

TITLE_HEIGHT, LINE_HEIGHT = 52, 20
MAX_DRAWN, MAX_COLUMNS, MAX_LABEL, MAX_DETAIL = 60, 12, 19, 25
WIDE, OWN_PAGE_DEPTH = 900, 1


@dataclass(frozen=True)
class DrawnColumn:
    name: str
    y: int
    is_root: bool


@dataclass(frozen=True)
class DrawnNode:
    """`kind` is the class of the shape. `full` is read aloud and shown as a tooltip."""

    x: int
    y: int
    width: int
    height: int
    label: str
    detail: str
    full: str
    url: str
    kind: str
    columns: tuple[DrawnColumn, ...] = ()

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def label_y(self) -> int:
        return self.y + 22

    @property
    def detail_y(self) -> int:
        return self.y + 40


@dataclass(frozen=True)
class DrawnArrow:
    path: str
    kind: str


@dataclass(frozen=True)
class Drawing:
    nodes: tuple[DrawnNode, ...]
    arrows: tuple[DrawnArrow, ...]
    width: int
    height: int
    left_out: int

    @property
    def is_wide(self) -> bool:
        """Whether it shrinks no further than text can be read."""
        return self.width > WIDE

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


@dataclass(frozen=True)
class ListedNode:
    """A line of the list: how far, what, and by which jobs; of each, whether that is only its team's claim."""

    label: str
    detail: str
    url: str
    distance: int
    jobs: tuple[tuple[LineageJob, bool], ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineageView:
    lineage: Lineage
    drawing: Drawing
    upstream: tuple[ListedNode, ...]
    downstream: tuple[ListedNode, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.upstream or self.downstream)

    @property
    def summary(self) -> str:
        above, below = len(self.upstream), len(self.downstream)
        sources = ngettext("%(n)s source", "%(n)s sources", above) % {"n": above}
        uses = ngettext("%(n)s use", "%(n)s uses", below) % {"n": below}
        return _("%(sources)s upstream, %(uses)s downstream.") % {"sources": sources, "uses": uses}


def build_table_lineage_view(person: Person, table: Table) -> LineageView:
    """Shows on a table's own page what is next to it on both sides, which fits beside the other facts."""
    root = Node(table_node(table.pk), 0, table=table)
    return build_lineage_view(read_lineage(person, root, Direction.BOTH, OWN_PAGE_DEPTH))


def build_lineage_view(lineage: Lineage, *, query: Mapping[str, str] | None = None) -> LineageView:
    """`query`: parameters that links to other nodes keep."""
    near = sorted(lineage.nodes.values(), key=lambda one: (abs(one.distance), one.name, one.number))
    kept = {one.number: one for one in near[:MAX_DRAWN]}
    found: dict[int, set[str]] = defaultdict(set)
    for step in lineage.columns:
        for place in (step.source, step.target):
            if place.node in kept:
                found[place.node].add(place.column)
    columns = {number: sorted(names) for number, names in found.items()}
    if lineage.columns:
        drawing = _draw_columns(lineage, kept, columns, query or {})
    else:
        # Jobs stand between the tables, one for all edges that it makes to the same targets.
        runs = find_last_runs(lineage.jobs)
        layers: dict[str, int] = {f"n{number}": 2 * node.distance for number, node in kept.items()}
        edges, jobs = set(), {}
        for edge in (edge for edge in lineage.edges if edge.source in kept and edge.target in kept):
            job = lineage.jobs.get(edge.job_id)
            source, target = kept[edge.source], kept[edge.target]
            if job is None or job.kind == JobKind.VIEW or target.distance - source.distance != 1:
                edges.add((f"n{edge.source}", f"n{edge.target}"))
                continue
            key = f"j{job.pk}:{target.distance}"
            jobs[key] = job
            layers[key] = source.distance + target.distance
            edges |= {(f"n{edge.source}", key), (key, f"n{edge.target}")}
        layout = lay_out(layers, dict.fromkeys(layers, TITLE_HEIGHT), edges)
        nodes = [
            _draw_node(layout, f"n{number}", node, lineage, query or {}) for number, node in kept.items()
        ]
        nodes += [_draw_job(layout, key, job, runs.get(job.pk)) for key, job in jobs.items()]
        arrows = tuple(
            DrawnArrow(arrow.path, _kind_of_arrow(str(arrow.source), str(arrow.target), lineage))
            for arrow in layout.arrows
        )
        nodes.sort(key=lambda one: (one.x, one.y))
        drawing = Drawing(tuple(nodes), arrows, layout.width, layout.height, len(lineage.nodes) - len(kept))
    made = _group_jobs(lineage)
    upstream, downstream = (
        tuple(_list_node(one, lineage, made, query or {}) for one in lineage.list_side(upstream=is_up))
        for is_up in (True, False)
    )
    return LineageView(lineage, drawing, upstream, downstream)


def _kind_of_arrow(source: str, target: str, lineage: Lineage) -> str:
    root = f"n{lineage.root.number}"
    return "near" if root in (source, target) else "far"


def _draw_node(
    layout: Layout[str], key: str, node: Node, lineage: Lineage, query: Mapping[str, str]
) -> DrawnNode:
    box, is_root = layout.boxes[key], node.number == lineage.root.number
    full = describe_node(node)
    return DrawnNode(
        box.x,
        box.y,
        NODE_WIDTH,
        box.height,
        shorten(short_name(node)),
        _("this table") if is_root else shorten(describe_place(node), MAX_DETAIL),
        full,
        get_node_url(node, query),
        "root" if is_root else "table" if node.table else "dataset",
    )


def _draw_job(layout: Layout[str], key: str, job: LineageJob, run: LineageRun | None) -> DrawnNode:
    box = layout.boxes[key]
    word = str(run.get_state_display()) if run else _("no runs")
    kind = "job failed" if run and run.state == "fail" else "job"
    return DrawnNode(
        box.x,
        box.y,
        NODE_WIDTH,
        box.height,
        shorten(job.name),
        shorten(f"{job.type or _('job')} · {word}", MAX_DETAIL),
        _("Job %(name)s, last run: %(state)s") % {"name": job.name, "state": word},
        reverse("lineage-job", args=[job.pk]),
        kind,
    )


def _draw_columns(
    lineage: Lineage, kept: Mapping[int, Node], columns: Mapping[int, list[str]], query: Mapping[str, str]
) -> Drawing:
    """Tables with their columns, and arrows from column to column."""
    shown = {number: columns.get(number, [])[:MAX_COLUMNS] for number in kept}
    heights = {f"n{number}": TITLE_HEIGHT + LINE_HEIGHT * len(names) for number, names in shown.items()}
    pairs = {(f"n{step.source.node}", f"n{step.target.node}") for step in lineage.columns}
    layout = lay_out({f"n{number}": node.distance for number, node in kept.items()}, heights, pairs)
    nodes, lines = [], {}
    for number, node in kept.items():
        drawn = _draw_node(layout, f"n{number}", node, lineage, query)
        rows = []
        for index, name in enumerate(shown[number]):
            y = drawn.y + TITLE_HEIGHT + LINE_HEIGHT * index + 8
            lines[Place(number, name)] = y
            rows.append(DrawnColumn(shorten(name) or _("all rows"), y + 4, is_root=False))
        nodes.append(DrawnNode(**{**drawn.__dict__, "columns": tuple(rows)}))
    arrows = tuple(
        DrawnArrow(
            draw_curve(
                layout.boxes[f"n{step.source.node}"],
                layout.boxes[f"n{step.target.node}"],
                lines[step.source],
                lines[step.target],
            ),
            "near" if step.is_direct else "far",
        )
        for step in lineage.columns
        if step.source in lines and step.target in lines
    )
    nodes.sort(key=lambda one: (one.x, one.y))
    return Drawing(tuple(nodes), arrows, layout.width, layout.height, len(lineage.nodes) - len(kept))


def _group_jobs(lineage: Lineage) -> dict[int, tuple[tuple[LineageJob, bool], ...]]:
    """By node, the jobs of its edges on the side of the root, and whether they claim another team's table."""
    found: dict[int, dict[int, tuple[LineageJob, bool]]] = defaultdict(dict)
    for edge in lineage.edges:
        job = lineage.jobs.get(edge.job_id)
        if job is None:
            continue
        source, target = lineage.nodes[edge.source], lineage.nodes[edge.target]
        far = source if source.distance < target.distance <= 0 else target
        _job, was_claim = found[far.number].get(job.pk, (job, False))
        found[far.number][job.pk] = job, was_claim or is_claim(job, target.table)
    return {
        number: tuple(sorted(jobs.values(), key=lambda one: one[0].name)) for number, jobs in found.items()
    }


def _list_node(
    node: Node,
    lineage: Lineage,
    jobs: Mapping[int, tuple[tuple[LineageJob, bool], ...]],
    query: Mapping[str, str],
) -> ListedNode:
    columns = sorted(
        {
            place.column
            for step in lineage.columns
            for place in step[:2]
            if place.node == node.number and place.column
        }
    )
    return ListedNode(
        describe_node(node),
        describe_place(node),
        get_node_url(node, query),
        abs(node.distance),
        jobs.get(node.number, ()),
        tuple(columns),
    )


def short_name(node: Node) -> str:
    return node.table.name if node.table else node.name.rstrip("/").rsplit("/", 1)[-1]


def describe_node(node: Node) -> str:
    if node.table:
        return str(node.table)
    assert node.dataset
    return normalize_location(node.dataset.namespace, node.dataset.name) or str(node.dataset)


def describe_place(node: Node) -> str:
    """The domain of a table, or where a dataset lies."""
    if node.table:
        return describe_table_place(node.table)
    assert node.dataset
    return node.dataset.namespace


def describe_table_place(table: Table) -> str:
    domain = table.database.domain
    return f"{domain.name} · {table.database.name}" if domain else table.database.name


def get_node_url(node: Node, query: Mapping[str, str]) -> str:
    if node.table is None:
        return reverse("lineage-dataset", args=[node.number])
    address = reverse("table-lineage", args=[node.table.pk])
    return f"{address}?{urlencode(query)}" if query else address


def shorten(text: str, most: int = MAX_LABEL) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
