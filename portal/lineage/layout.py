"""A layered drawing of a graph: layers by distance, rows by barycentres. Numbers in, positions out."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
NODE_WIDTH, COLUMN_GAP, ROW_GAP, MARGIN = 164, 48, 20, 12
SWEEPS = 8


@dataclass(frozen=True)
class Box(Generic[Key]):
    key: Key
    x: int
    y: int
    height: int

    @property
    def right(self) -> int:
        return self.x + NODE_WIDTH

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True)
class Arrow:
    """`path` is the SVG path of a curve from box to box."""

    source: Hashable
    target: Hashable
    path: str


@dataclass(frozen=True)
class Layout(Generic[Key]):
    boxes: Mapping[Key, Box[Key]]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def lay_out(
    layers: Mapping[Key, int], heights: Mapping[Key, int], edges: Iterable[tuple[Key, Key]]
) -> Layout[Key]:
    """`layers`: signed distance of each node from the one in the middle, which is 0. Of equal input always the same drawing."""
    kept = sorted({(one, other) for one, other in edges if one in layers and other in layers}, key=str)
    rows = order_rows(spread_layers(layers, kept), kept)
    tall = [sum(heights[key] for key in row) + ROW_GAP * max(0, len(row) - 1) for row in rows]
    full, boxes = max(tall, default=0), {}
    for layer, row in enumerate(rows):
        y = MARGIN + (full - tall[layer]) // 2
        for key in row:
            boxes[key] = Box(key, MARGIN + layer * (NODE_WIDTH + COLUMN_GAP), y, heights[key])
            y += heights[key] + ROW_GAP
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    width = max((box.right for box in boxes.values()), default=0) + MARGIN
    arrows = tuple(Arrow(one, other, draw_curve(boxes[one], boxes[other])) for one, other in kept)
    return Layout(boxes, arrows, width, height)


def spread_layers(layers: Mapping[Key, int], edges: Sequence[tuple[Key, Key]]) -> dict[Key, int]:
    """So that arrows lead to the right: of two neighbours upstream the source moves to the left, downstream the target to the
    right. Edges that close a circle move nothing.
    """
    spread, acyclic = dict(layers), _drop_back_edges(layers, edges)
    for _round in range(len(layers)):
        before = dict(spread)
        for one, other in acyclic:
            if layers[one] < 0 and layers[other] <= 0:
                spread[one] = min(spread[one], spread[other] - 1)
            elif layers[one] >= 0 and layers[other] > 0:
                spread[other] = max(spread[other], spread[one] + 1)
        if spread == before:
            break
    return spread


def _drop_back_edges(layers: Mapping[Key, int], edges: Sequence[tuple[Key, Key]]) -> list[tuple[Key, Key]]:
    """Drops edges to a node on the path by which the search came."""
    following: dict[Key, list[Key]] = defaultdict(list)
    for one, other in edges:
        following[one].append(other)
    kept: list[tuple[Key, Key]] = []
    done: set[Key] = set()

    def visit(node: Key, path: frozenset[Key]) -> None:
        done.add(node)
        for other in following[node]:
            if other not in path:
                kept.append((node, other))
                if other not in done:
                    visit(other, path | {other})

    for start in sorted(layers, key=lambda key: (layers[key], str(key))):
        if start not in done:
            visit(start, frozenset({start}))
    return kept


def order_rows(layers: Mapping[Key, int], edges: Sequence[tuple[Key, Key]]) -> list[list[Key]]:
    """Nodes of each layer from top to bottom, so that few edges cross: each node is moved to the mean of its neighbours, layer
    by layer, there and back.
    """
    numbers = sorted(set(layers.values()))
    rows = [sorted((key for key, layer in layers.items() if layer == number), key=str) for number in numbers]
    beside: dict[Key, list[Key]] = defaultdict(list)
    for one, other in edges:
        beside[one].append(other)
        beside[other].append(one)
    best, crossings = [list(row) for row in rows], count_crossings(rows, edges)
    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for index in order:
            places = {key: place for row in rows for place, key in enumerate(row)}
            rows[index].sort(key=lambda key: _barycentre(key, beside, places, layers))
        found = count_crossings(rows, edges)
        if found < crossings:
            best, crossings = [list(row) for row in rows], found
    return best


def _barycentre(
    key: Key, beside: Mapping[Key, Sequence[Key]], places: Mapping[Key, int], layers: Mapping[Key, int]
) -> float:
    others = [places[other] for other in beside.get(key, ()) if layers[other] != layers[key]]
    return sum(others) / len(others) if others else float(places[key])


def count_crossings(rows: Sequence[Sequence[Key]], edges: Sequence[tuple[Key, Key]]) -> int:
    """Between neighbouring layers."""
    places = {key: (layer, place) for layer, row in enumerate(rows) for place, key in enumerate(row)}
    between: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one, other in edges:
        (layer, place), (next_layer, next_place) = sorted((places[one], places[other]))
        if next_layer == layer + 1:
            between[layer].append((place, next_place))
    return sum(_count_inversions(pairs) for pairs in between.values())


def _count_inversions(pairs: list[tuple[int, int]]) -> int:
    most = pairs[:400]
    return sum(
        1
        for index, one in enumerate(most)
        for other in most[index + 1 :]
        if (one[0] - other[0]) * (one[1] - other[1]) < 0
    )


def draw_curve(one: Box[Key], other: Box[Key], start: int | None = None, end: int | None = None) -> str:
    """From the right side of one to the left side of the other; back around for a circle."""
    from_y, to_y = one.middle if start is None else start, other.middle if end is None else end
    bend = max(COLUMN_GAP // 2, abs(other.x - one.right) // 2)
    return f"M{one.right} {from_y} C{one.right + bend} {from_y} {other.x - bend} {to_y} {other.x - 6} {to_y}"
