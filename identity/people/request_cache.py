"""Answers about a person that stay with them for one page."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from identity.people.models import Person

Answer = TypeVar("Answer")


def once_a_page(read: Callable[[Person], Answer]) -> Callable[[Person], Answer]:
    """The same function, whose answer stays with a person who `asks_once`; a verb's person is asked about each time."""

    @wraps(read)
    def answered(person: Person) -> Answer:
        if not person.asks_once:
            return read(person)
        answers = person.__dict__.setdefault("_answers", {})
        if read not in answers:
            answers[read] = read(person)
        answer: Answer = answers[read]
        return answer

    return answered
