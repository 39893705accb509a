"""Who may save and delete searches."""

from catalog.search.models import SavedSearch
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_save_search(person: Person) -> Verdict:
    """Everyone with an active profile."""
    return ALLOWED if person.is_active else refusal("Your profile is deactivated.")


def may_delete_search(person: Person, saved: SavedSearch) -> Verdict:
    """The person who saved it."""
    return ALLOWED if saved.person_id == person.pk else refusal("This search belongs to someone else.")


def may_change_search(person: Person, saved: SavedSearch) -> Verdict:
    """The person who saved it."""
    return may_delete_search(person, saved)


def may_clear_recent_searches(person: Person) -> Verdict:
    """Everyone may delete their own."""
    return may_save_search(person)
