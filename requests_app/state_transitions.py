"""A move of a row from one state to another by a table of allowed moves; IllegalTransitionError otherwise."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from django.db.models import TextChoices

State = TypeVar("State", bound=TextChoices)


class IllegalTransitionError(Exception):
    """The row is no longer in a state from which this move leads; nothing was changed."""

    def __init__(self, origin: StrEnum | str, target: StrEnum | str) -> None:
        super().__init__(f"cannot go from {origin} to {target}")
        self.origin = str(origin)
        self.target = str(target)


def check_transition(moves: Mapping[State, frozenset[State]], origin: State, target: State) -> State:
    """`target`, if the table of moves allows it from `origin`; else IllegalTransitionError."""
    if target not in moves[origin]:
        raise IllegalTransitionError(origin, target)
    return target
