"""The lowest class that derived columns may have. Pure.

Places are columns of nodes, and nodes are those of lineage: minus the id of a table, or the id of a dataset without one.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

RANKS: Mapping[str, int] = {"": 0, "public": 0, "private": 1, "sensitive": 2}
MAX_STEPS = 5000
"""Ways that are followed for one column."""


class Place(NamedTuple):
    """A column of a node; an empty column is the whole node."""

    node: int
    column: str


@dataclass(frozen=True)
class Agreement:
    """The owner of `source` agreed that `target` has this class or a higher one while the source has at most `floor`."""

    target: Place
    source: Place
    floor: str
    classification: str

    def covers(self, classification: str, floor: str) -> bool:
        return RANKS[classification] >= RANKS[self.classification] and RANKS[floor] <= RANKS[self.floor]


@dataclass(frozen=True)
class Graph:
    """`sources` are the nodes that each node is made from; `column_sources` the same by column, where events say so; `traced`
    are pairs of target and source of which they do. `classes` are by node and column, the highest one under an empty
    column; datasets have none. `teams` own nodes.
    """

    sources: Mapping[int, Collection[int]] = field(default_factory=dict)
    column_sources: Mapping[Place, Collection[Place]] = field(default_factory=dict)
    traced: Collection[tuple[int, int]] = field(default_factory=frozenset)
    classes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    teams: Mapping[int, int | None] = field(default_factory=dict)

    def get_class(self, place: Place) -> str:
        """A column that the catalog doesn't have has the highest class of its table."""
        found = self.classes.get(place.node, {})
        return found.get(place.column, found.get("", ""))

    def list_sources(self, place: Place) -> Iterator[Place]:
        """By column where its lineage is known, else whole nodes."""
        places = (
            [place]
            if place.column
            else [column_source for column_source in self.column_sources if column_source.node == place.node]
        )
        for one in places:
            yield from sorted(self.column_sources.get(one, ()))
        for node in sorted(self.sources.get(place.node, ())):
            if (place.node, node) not in self.traced:
                yield Place(node, "")


@dataclass(frozen=True, order=True)
class Input:
    """A classified place from which a column is made. `team` owns it; None if nobody does."""

    place: Place
    classification: str
    team: int | None = None


@dataclass(frozen=True)
class ColumnFloor:
    """`classification` is what the column has or is to have. `missing` are inputs of a higher class whose owner has not agreed."""

    place: Place
    classification: str
    inputs: tuple[Input, ...] = ()
    missing: tuple[Input, ...] = ()

    @property
    def floor(self) -> str:
        """The highest class of its inputs; empty without any."""
        return max((one.classification for one in self.inputs), key=RANKS.__getitem__, default="")

    @property
    def is_below(self) -> bool:
        return RANKS[self.classification] < RANKS[self.floor]


class Agreements:
    """The agreements in force, by target."""

    def __init__(self, rows: Iterable[Agreement] = ()) -> None:
        self._rows: dict[Place, list[Agreement]] = defaultdict(list)
        for row in rows:
            self._rows[row.target].append(row)

    def allow(self, target: Place, classification: str, source: Input) -> bool:
        """An agreement about a whole node covers each of its columns."""
        return any(
            one.source.node == source.place.node
            and one.source.column in ("", source.place.column)
            and one.covers(classification, source.classification)
            for one in self._rows.get(target, ())
        )


def compute_floor(graph: Graph, place: Place, classification: str, agreements: Agreements) -> ColumnFloor:
    """Inputs are all classified places upstream, without those that an owner on the way answered for: whoever classified a
    place between them agreed for their own inputs, and for those on which their owners agreed.
    """
    team = graph.teams.get(place.node)
    found: set[Input] = set()
    first = _Step(place, frozenset())
    seen, waiting = {first}, deque([first])
    while waiting and len(seen) < MAX_STEPS:
        step = waiting.popleft()
        for source in graph.list_sources(step.place):
            if source.node == place.node:
                continue
            one = Input(source, graph.get_class(source), graph.teams.get(source.node))
            if one.classification and not _is_answered_for(graph, one, step.between, agreements):
                found.add(one)
            following = _Step(source, step.between | {source} if one.classification else step.between)
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    inputs = tuple(sorted(found))
    missing = tuple(
        one
        for one in inputs
        if (one.team is None or one.team != team)
        and RANKS[one.classification] > RANKS[classification]
        and not agreements.allow(place, classification, one)
    )
    return ColumnFloor(place, classification, inputs, missing)


class _Step(NamedTuple):
    """`between` are classified places on the way from the target, which is not among them."""

    place: Place
    between: frozenset[Place]


def _is_answered_for(graph: Graph, one: Input, between: Iterable[Place], agreements: Agreements) -> bool:
    return any(
        (one.team is not None and graph.teams.get(place.node) == one.team)
        or agreements.allow(place, graph.get_class(place), one)
        for place in between
    )
