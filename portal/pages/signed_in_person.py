"""The signed-in person, typed as Person."""

from django.http import HttpRequest

from identity.people.models import Person

SAFE_METHODS = frozenset({"GET", "HEAD"})


def get_signed_in_person(request: HttpRequest) -> Person:
    """Requires the login middleware. For safe methods, roles are cached on the person; actions
    read them again in their own transaction.
    """
    assert isinstance(request.user, Person)
    if request.method in SAFE_METHODS:
        request.user.uses_request_cache = True
    return request.user
