"""Cache query results on a person for the length of one page request."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from identity.people.models import Person

Result = TypeVar("Result")


def cache_per_request(read: Callable[[Person], Result]) -> Callable[[Person], Result]:
    """Cache results on persons whose `uses_request_cache` is set; actions always read again."""

    @wraps(read)
    def answered(person: Person) -> Result:
        if not person.uses_request_cache:
            return read(person)
        answers = person.__dict__.setdefault("_answers", {})
        if read not in answers:
            answers[read] = read(person)
        answer: Result = answers[read]
        return answer

    return answered
