"""Which changes of the part *drift* are made together: as many as go together without one hiding another."""

import random
from collections.abc import Sequence
from itertools import cycle

from tools.chaos.actors.outside_changes import (
    CATALOG_CHANGE,
    HOLDER_CHANGES,
    SHARED_CHANGES,
    ChangeKind,
    GrantHolder,
)

PlannedChange = tuple[ChangeKind, GrantHolder]
CATALOG_CHANGE_INTERVAL = 5
"""One batch in so many is of the class that leaves nothing else to do."""
MANY_CHANGES = 500
"""From so many changes yet to make on, what ends grants for good comes by turns: to grant them anew takes longer than all
the rest of a batch.
"""
ENDING_KINDS = tuple(kind for kind in SHARED_CHANGES if kind.ends_grant)


class ClaimedResources:
    """What the changes of a batch concern: a thing is one change's alone, or shared by several."""

    def __init__(self) -> None:
        self._alone: set[object] = set()
        self._shared: set[object] = set()

    def claim(self, kind: ChangeKind, holder: GrantHolder) -> bool:
        """False when it does not go together with what was taken before."""
        keys = {word: (word, thing) for word, thing in holder.resources.items()}
        if kind.exclusive_resource not in keys:
            return False
        mine = {keys.pop(kind.exclusive_resource)} | (
            {(kind.name, holder.table_name)} if kind.once_per_table else set()
        )
        others = set(keys.values())
        if mine & (self._alone | self._shared) or others & self._alone:
            return False
        self._alone |= mine
        self._shared |= others
        return True


class BatchPlanner:
    """`plan_batch`: the first batch, and one in five, concerns everybody; the others have each wide class
    once, and the narrow ones by turns, for as many holders as fit. While many remain, a batch has one of the
    classes that end grants for good.
    """

    def __init__(self, seed: int) -> None:
        self._lots = random.Random(f"drift-{seed}")
        self._hands = 0

    def plan_batch(self, holders: Sequence[GrantHolder], limit: int) -> list[PlannedChange]:
        """At most so many changes, one a holder; at least one."""
        self._hands += 1
        free = self._lots.sample(holders, len(holders))
        if self._hands % CATALOG_CHANGE_INTERVAL == 1:
            return [(CATALOG_CHANGE, free[0])]
        taken = ClaimedResources()
        narrow = self._lots.sample(HOLDER_CHANGES, len(HOLDER_CHANGES))
        # Few holders are in hybrid access mode: none may be left when everything else is planned.
        wide = [
            kind for kind in SHARED_CHANGES if kind in self._list_ending_kinds(limit) or not kind.ends_grant
        ]
        first = [*wide[:3], *(kind for kind in HOLDER_CHANGES if kind.grant_kind == "hybrid"), *wide[3:]]
        hand = [card for kind in first[:limit] if (card := _plan_change(kind, free, taken))]
        misses = 0
        for kind in cycle(narrow):
            if len(hand) >= limit or misses == len(narrow):
                break
            card = _plan_change(kind, free, taken)
            misses = 0 if card else misses + 1
            hand += [card] if card else []
        return hand

    def _list_ending_kinds(self, most: int) -> Sequence[ChangeKind]:
        return ENDING_KINDS if most < MANY_CHANGES else [ENDING_KINDS[self._hands % len(ENDING_KINDS)]]


def _plan_change(kind: ChangeKind, free: list[GrantHolder], taken: ClaimedResources) -> PlannedChange | None:
    """For the first holder for whom the change can be made beside the others; it is free no more."""
    for holder in free:
        if kind.grant_kind in {"", holder.grant_kind} and taken.claim(kind, holder):
            free.remove(holder)
            return kind, holder
    return None
