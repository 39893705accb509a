"""The signed-in person, with the type that the packages ask for."""

from django.http import HttpRequest

from identity.models import Person


def person_of(request: HttpRequest) -> Person:
    """The login middleware has let only people through."""
    assert isinstance(request.user, Person)
    return request.user
