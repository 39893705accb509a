"""An ask by LF-Tags under an offer: the same tags in the same catalog, and no column of a higher class."""

from collections.abc import Collection
from datetime import datetime

from catalog.offers.bounds import Beyond, Wish
from catalog.offers.finding import accepted_by, version_for
from catalog.offers.models import OfferVersion
from identity.models import Person
from requests_app.asks import check_use, no_such_offer
from requests_app.by_tags.reach import Reached
from requests_app.under_offers.checking import (
    accept,
    check_accepted,
    check_beyond,
    check_in_force,
    hours_and_days,
    locked_versions,
    refuse_beyond,
)


def offer_for_tags(
    person: Person,
    version_id: int | None,
    found: Reached,
    *,
    use: str,
    ends_at: datetime,
    accepts: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The version under which it is asked, its terms accepted; None without one. RefusedError."""
    check_use(use, metadata_only=False)
    if version_id is None:
        return None
    version = version_for(person, version_id)
    if version is None:
        raise no_such_offer()
    version.state = locked_versions([version.pk])[0].state
    check_in_force(version)
    if version.catalog_id != found.catalog.pk or found.domain != version.offer.domain:
        refuse_beyond([Beyond("offer", "tags")], version)
    check_beyond(version, _wish(found, use, ends_at, now))
    known = accepted_by(person, [version])
    check_accepted(version, known | set(accepts))
    if version.terms and version.terms_id not in known:
        accept(person, [version.terms], now)
    return version


def _wish(found: Reached, use: str, ends_at: datetime, now: datetime) -> Wish:
    hours, days = hours_and_days(ends_at, now)
    first = found.tables[0].table
    classes = {
        f"{one.table.name}.{column.name}": column.classification
        for one in found.tables
        for column in one.opened
    }
    return Wish(
        table=first.pk,
        database=first.database_id,
        classes=classes,
        use=use,
        hours=hours,
        days=days,
        whole_table=True,
        tags=found.expression.to_json(),
    )
