"""States of decisions in the API: a kind keeps the words that it has there."""

from typing import Any

from rest_framework import serializers

from decisions.kinds import DecidedKind
from decisions.states import DecisionState
from portal.api.fields import EnumOut
from portal.api.filters import ValuesFilter


class DecisionStateOut(EnumOut):
    def __init__(self, kind: DecidedKind[Any], **changes: Any) -> None:
        self.words = kind.state_words
        super().__init__(list_state_words(kind), **changes)

    def to_representation(self, value: str) -> str:
        return str(super().to_representation(self.words.get(value, value)))


class DecisionStateIn(serializers.ChoiceField):
    """The state in the database, from the word."""

    def __init__(self, kind: DecidedKind[Any]) -> None:
        self.states = {word: state for state, word in kind.state_words.items()}
        super().__init__(list_state_words(kind))

    def to_internal_value(self, data: Any) -> Any:
        word = super().to_internal_value(data)
        return self.states.get(word, word)


def list_state_words(kind: DecidedKind[Any]) -> list[str]:
    return [kind.state_words.get(state, state.value) for state in DecisionState if state in kind.states]


def by_state(kind: DecidedKind[Any]) -> ValuesFilter:
    words = tuple(list_state_words(kind))
    return ValuesFilter("state", DecisionStateIn(kind), words="Its state.", choices=words)
