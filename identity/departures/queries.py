"""Who is to be deactivated, and who may take over."""

from django.db.models import QuerySet

from identity.people.models import Person
from identity.role_changes.may import is_governor
from kernel.errors import NotFoundError


def get_leaver(person: Person, pk: int) -> Person:
    """An active person. NotFoundError for whoever governs nobody."""
    found = Person.objects.filter(pk=pk, is_active=True).first()
    if found is None or not is_governor(person):
        raise NotFoundError
    return found


def list_successor_candidates(leaver: Person) -> QuerySet[Person]:
    """Active people of the organisation, by name."""
    return (
        Person.objects.filter(is_active=True, is_external=False).exclude(pk=leaver.pk).order_by("name", "pk")
    )
