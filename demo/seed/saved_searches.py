"""A saved search with an alert, so that its page is not empty. May run again."""

from catalog.search.models import SavedSearch
from catalog.search.saved_searches import save_search
from demo.seed.people import find_person
from kernel.clock import now as database_now


def seed_saved_searches() -> int:
    """Save it for a person without any; returns how many they have."""
    person = find_person("ana.keller")
    own = SavedSearch.objects.filter(person=person)
    if not own.exists():
        save_search(
            acting_user=person, name="New gold products in Insurance", querystring="domain=insurance&tier=gold",
            alert=SavedSearch.Alert.AT_ONCE, now=database_now(),
        )  # fmt: skip
    return own.count()
