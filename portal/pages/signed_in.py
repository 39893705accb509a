"""The signed-in person, with the type that the packages ask for."""

from django.http import HttpRequest

from identity.people.models import Person

READING = frozenset({"GET", "HEAD"})


def person_of(request: HttpRequest) -> Person:
    """The login middleware has let only people through. For a page that only reads, their roles are read once; a verb
    asks for them itself, in its transaction.
    """
    assert isinstance(request.user, Person)
    if request.method in READING:
        request.user.asks_once = True
    return request.user
