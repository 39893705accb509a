"""What people of the bank searched for without result."""

from datetime import timedelta

from catalog.search.models import RecentSearch
from catalog.search.query import SearchQuery
from demo.seed.people import find_person
from kernel.clock import now as database_now

SEARCHES = (
    ("leasing contracts", 4, ("tom.brandt", "priya.nair", "felix.baum", "helena.vogt", "nina.falk")),
    ("branch footfall", 11, ("tom.brandt", "helena.vogt", "ana.keller")),
    ("atm withdrawals", 19, ("priya.nair", "felix.baum", "nina.falk", "tom.brandt")),
    ("complaint letters", 33, ("helena.vogt", "tom.brandt", "priya.nair")),
)
"""The text, how many days ago, and who."""


def seed_searches_without_result() -> int:
    """As their searches of those days; the worker counts them. Returns how many texts there are."""
    now = database_now()
    for text, days_ago, people in SEARCHES:
        at = (now - timedelta(days=days_ago)).replace(hour=10, minute=0)
        for name in people:
            RecentSearch.objects.get_or_create(
                person=find_person(name),
                querystring=SearchQuery(text=text).to_querystring(),
                defaults={"text": text, "created_at": at, "found_nothing": True},
            )
    return len(SEARCHES)
