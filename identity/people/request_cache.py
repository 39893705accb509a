"""Cache query results on a person for the length of one page request, or of one action."""

import copy
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from identity.people.models import Person

Result = TypeVar("Result")


def cache_per_request(read: Callable[[Person], Result]) -> Callable[[Person], Result]:
    """Cache results on persons whose `uses_request_cache` is set, and on those of `cache_for_action`."""

    @wraps(read)
    def answered(person: Person) -> Result:
        if not (person.uses_request_cache or "_answers" in person.__dict__):
            return read(person)
        answers = person.__dict__.setdefault("_answers", {})
        if read not in answers:
            answers[read] = read(person)
        answer: Result = answers[read]
        return answer

    return answered


def cache_for_action(person: Person) -> Person:
    """A copy of the person with an empty cache, which one action uses from its start to its end."""
    copied = copy.copy(person)
    copied.__dict__["_answers"] = {}
    return copied
