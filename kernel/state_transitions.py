"""Tables of the transitions that the states of a row may make."""

from collections.abc import Collection, Iterator, Mapping
from typing import Generic, TypeVar

from django.db.models import TextChoices

from kernel.errors import IllegalTransitionError

State = TypeVar("State", bound=TextChoices)


class Transitions(Generic[State]):
    """The transitions of one life cycle. A state that is missing from `targets` is final."""

    def __init__(self, states: type[State], targets: Mapping[State, Collection[State]]) -> None:
        self._states = states
        self._targets = {state: frozenset(targets.get(state, ())) for state in states}

    def allows(self, origin: str, target: State) -> bool:
        return target in self._targets[self._states(origin)]

    def check(self, origin: str, target: State) -> State:
        """`target`, if it may follow `origin`. Raises IllegalTransitionError."""
        if not self.allows(origin, target):
            raise IllegalTransitionError(origin, target)
        return target

    def __iter__(self) -> Iterator[tuple[State, frozenset[State]]]:
        return iter(self._targets.items())
