"""Permissions that pass from ended intents to live ones without a call to AWS."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from lakeformation.observation.reading import Observation
from lakeformation.planning.desired import DesiredState
from lakeformation.values.column_sets import NO_COLUMNS

Atom = TypeVar("Atom")


def find_successors(ended: Collection[int], goal: DesiredState, seen: Observation) -> set[int]:
    """Live intents that want something held that the `ended` intents justified.

    They count as applied from then on, so that it is removed when they end.
    """
    former, wanted = goal.former, goal.wanted
    return {
        *_find_permission_successors(ended, goal, seen),
        *_find_atom_successors(ended, former.opt_ins, wanted.opt_ins, seen.opt_ins),
        *_find_atom_successors(ended, former.links, wanted.links, seen.links),
        *_find_atom_successors(ended, former.link_databases, wanted.link_databases, seen.link_databases),
    }


def _find_permission_successors(
    ended: Collection[int], goal: DesiredState, seen: Observation
) -> Iterator[int]:
    for permission in goal.former.permissions.keys() & goal.wanted.permissions.keys():
        left = NO_COLUMNS
        for intent, columns in goal.former.permissions[permission].items():
            if intent in ended:
                left |= columns
        yield from goal.wanted.list_intents(permission, left & seen.held.get(permission, NO_COLUMNS))


def _find_atom_successors(
    ended: Collection[int],
    former: Mapping[Atom, set[int]],
    wanted: Mapping[Atom, set[int]],
    seen: Collection[Atom],
) -> Iterator[int]:
    for atom in former.keys() & wanted.keys():
        if atom in seen and not former[atom].isdisjoint(ended):
            yield from wanted[atom]
