"""Reads of release notes."""

from django.db.models import QuerySet

from catalog.release_notes.may import visible_release_notes
from catalog.release_notes.models import ReleaseNote
from identity.people.models import Person
from kernel.errors import NotFoundError


def list_release_notes(person: Person) -> QuerySet[ReleaseNote]:
    """What the person may see, newest first."""
    rows = visible_release_notes(person).select_related("product", "written_by")
    return rows.order_by("-written_at", "-pk")


def get_release_note(person: Person, note_id: int) -> ReleaseNote:
    """NotFoundError for whoever may not see it."""
    found = list_release_notes(person).filter(pk=note_id).first()
    if found is None:
        raise NotFoundError
    return found
