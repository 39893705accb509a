"""Permissions that ended access leaves to access that still wants them: they are in AWS, and nothing is sent for them."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from lakeformation.observation.reading import Observation
from lakeformation.planning.desired import Desired
from lakeformation.values.column_sets import NONE

Atom = TypeVar("Atom")


def heirs(over: Collection[int], goal: Desired, seen: Observation) -> set[int]:
    """Live intents that want something which is held and which intents that are `over` justified.

    From here on it is theirs: whoever forgot that would take it for somebody else's doing once they end, and leave it.
    """
    former, wanted = goal.former, goal.wanted
    return {
        *_of_permissions(over, goal, seen),
        *_of(over, former.opt_ins, wanted.opt_ins, seen.opt_ins),
        *_of(over, former.links, wanted.links, seen.links),
        *_of(over, former.landing_databases, wanted.landing_databases, seen.landing_databases),
    }


def _of_permissions(over: Collection[int], goal: Desired, seen: Observation) -> Iterator[int]:
    for permission in goal.former.permissions.keys() & goal.wanted.permissions.keys():
        left = NONE
        for intent, columns in goal.former.permissions[permission].items():
            if intent in over:
                left |= columns
        yield from goal.wanted.intents(permission, left & seen.held.get(permission, NONE))


def _of(
    over: Collection[int],
    former: Mapping[Atom, set[int]],
    wanted: Mapping[Atom, set[int]],
    seen: Collection[Atom],
) -> Iterator[int]:
    for atom in former.keys() & wanted.keys():
        if atom in seen and not former[atom].isdisjoint(over):
            yield from wanted[atom]
