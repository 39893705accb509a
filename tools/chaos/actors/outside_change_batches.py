"""Which changes of the part *drift* are made together: as many as go together without one hiding another."""

import random
from collections.abc import Sequence
from itertools import cycle

from tools.chaos.actors.outside_changes import EVERYWHERE, NARROW, WIDE, Holder, Kind

Card = tuple[Kind, Holder]
EVERYWHERE_EVERY = 5
"""Of so many hands one is of the class that leaves nothing else to do."""
MANY = 500
"""From so many changes yet to make on, what ends grants for good comes by turns: to grant them anew takes longer than all
the rest of a hand.
"""
ENDING = tuple(kind for kind in WIDE if kind.ends)


class Taken:
    """What the changes of a hand concern: a thing is one change's alone, or shared by several."""

    def __init__(self) -> None:
        self._alone: set[object] = set()
        self._shared: set[object] = set()

    def take(self, kind: Kind, holder: Holder) -> bool:
        """False when it does not go together with what was taken before."""
        keys = {word: (word, thing) for word, thing in holder.keys.items()}
        if kind.alone not in keys:
            return False
        mine = {keys.pop(kind.alone)} | ({(kind.name, holder.name)} if kind.once else set())
        others = set(keys.values())
        if mine & (self._alone | self._shared) or others & self._alone:
            return False
        self._alone |= mine
        self._shared |= others
        return True


class Deck:
    """`deal` gives hands: the first one, and one in five, is what concerns everybody; the others have each wide class
    once, and the narrow ones by turns, for as many holders as they fit. While many are to come, a hand has one of the
    classes that end grants for good.
    """

    def __init__(self, seed: int) -> None:
        self._lots = random.Random(f"drift-{seed}")
        self._hands = 0

    def deal(self, holders: Sequence[Holder], most: int) -> list[Card]:
        """At most so many changes, one a holder; at least one."""
        self._hands += 1
        free = self._lots.sample(holders, len(holders))
        if self._hands % EVERYWHERE_EVERY == 1:
            return [(EVERYWHERE, free[0])]
        taken = Taken()
        narrow = self._lots.sample(NARROW, len(NARROW))
        # Few holders are in hybrid access mode: none may be left when everything else is dealt.
        wide = [kind for kind in WIDE if kind in self._ending(most) or not kind.ends]
        first = [*wide[:3], *(kind for kind in NARROW if kind.on == "hybrid"), *wide[3:]]
        hand = [card for kind in first[:most] if (card := _card(kind, free, taken))]
        misses = 0
        for kind in cycle(narrow):
            if len(hand) >= most or misses == len(narrow):
                break
            card = _card(kind, free, taken)
            misses = 0 if card else misses + 1
            hand += [card] if card else []
        return hand

    def _ending(self, most: int) -> Sequence[Kind]:
        return ENDING if most < MANY else [ENDING[self._hands % len(ENDING)]]


def _card(kind: Kind, free: list[Holder], taken: Taken) -> Card | None:
    """For the first holder for whom the change can be made beside the others; it is free no more."""
    for holder in free:
        if kind.on in {"", holder.on} and taken.take(kind, holder):
            free.remove(holder)
            return kind, holder
    return None
