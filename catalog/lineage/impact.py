"""Which tables and columns lose something if a column, or a whole table, goes."""

from collections import defaultdict
from dataclasses import dataclass

from catalog.lineage.graph import (
    MAX_DEPTH,
    Direction,
    Node,
    read_lineage,
    table_node,
)
from catalog.mirror.models import Table
from identity.people.models import Person


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
    found = read_lineage(person, root, Direction.DOWNSTREAM, MAX_DEPTH, "")
    known = {step.target.node for step in found.columns}
    affected = [
        AffectedTable(node, tuple(sorted(columns[node.number])), node.number in filtered)
        for node in whole.list_side(upstream=False)
        if not column or node.number in columns or node.number in filtered or node.number not in known
    ]
    return Impact(table, column, tuple(affected), along.is_cut or whole.is_cut)
