"""Whether a saved search may be compared."""

from datetime import datetime

from catalog.search.models import SavedSearch
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_check_alert(saved: SavedSearch, now: datetime) -> Verdict:
    """When it is due, and its person can still sign in."""
    if saved.due_at is None or saved.due_at > now:
        return refusal("It is not due.")
    return ALLOWED if saved.person.is_active else refusal("The person's profile is deactivated.")
