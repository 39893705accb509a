"""When an ask under an offer ends: an offer by the hour ends what is asked under it after its hours at the latest."""

from datetime import datetime, timedelta

from catalog.products.offers.bounds import DAY
from catalog.products.offers.models import OfferVersion


def is_by_the_hour(version: OfferVersion) -> bool:
    """Whether its longest time is no whole number of days, which are counted by the calendar."""
    return version.longest_hours % DAY != 0


def end_under(version: OfferVersion | None, ends_at: datetime, now: datetime) -> datetime:
    """The end that was chosen, or the offer's last hour where that comes first.

    What is asked for with others, all until one day, is so given for the offer's hours from the time of asking.
    """
    if version is None or not is_by_the_hour(version):
        return ends_at
    return min(ends_at, now + timedelta(hours=version.longest_hours))
