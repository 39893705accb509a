"""The signed-in person, with the type that the packages ask for."""

from django.db.models import prefetch_related_objects
from django.http import HttpRequest

from identity.models import Person

READING = frozenset({"GET", "HEAD"})


def person_of(request: HttpRequest) -> Person:
    """The login middleware has let only people through. To a page that only reads, their roles are read once; a verb
    asks for them itself, in its transaction.
    """
    assert isinstance(request.user, Person)
    if request.method in READING:
        prefetch_related_objects([request.user], "memberships", "platform_roles")
    return request.user
