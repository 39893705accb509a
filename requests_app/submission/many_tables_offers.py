"""Offers of a database or of LF-Tags: a request under one asks for the same, and no more."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from catalog.products.offers.bounds import Beyond, Wish
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import accepted_by, version_for
from identity.people.models import Person
from requests_app.submission.offer_checks import (
    accept,
    check_accepted,
    check_beyond,
    check_in_force,
    hours_and_days,
    locked_versions,
    refuse_beyond,
)
from requests_app.targets.checks import build_offer_not_found_error, check_use
from requests_app.targets.databases import DatabaseTarget
from requests_app.targets.lf_tags import TagsTarget
from requests_app.targets.reached_tables import ManyTablesTarget


def offer_for_tags(
    person: Person,
    version_id: int | None,
    found: TagsTarget,
    *,
    use: str,
    ends_at: datetime,
    accepts: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The version under which LF-Tags are asked for, its terms accepted; None without one. RefusedError."""
    version = _version(person, version_id, use)
    if version is None:
        return None
    if version.catalog_id != found.catalog.pk or found.domain != version.offer.domain:
        refuse_beyond([Beyond("offer", "tags")], version)
    wish = _wish(found, use, ends_at, now)
    _hold_against(person, version, replace(wish, tags=found.expression.to_json()), accepts, now)
    return version


def offer_for_database(
    person: Person,
    version_id: int | None,
    found: DatabaseTarget,
    *,
    use: str,
    ends_at: datetime,
    accepts: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The same for every table of a database."""
    version = _version(person, version_id, use)
    if version is None:
        return None
    if found.domain != version.offer.domain:
        refuse_beyond([Beyond("offer", "database")], version)
    wish = _wish(found, use, ends_at, now)
    _hold_against(person, version, replace(wish, whole_database=True), accepts, now)
    return version


def _version(person: Person, version_id: int | None, use: str) -> OfferVersion | None:
    check_use(use, metadata_only=False)
    if version_id is None:
        return None
    version = version_for(person, version_id)
    if version is None:
        raise build_offer_not_found_error()
    version.state = locked_versions([version.pk])[0].state
    check_in_force(version)
    return version


def _hold_against(
    person: Person, version: OfferVersion, wish: Wish, accepts: Collection[int], now: datetime
) -> None:
    check_beyond(version, wish)
    known = accepted_by(person, [version])
    check_accepted(version, known | set(accepts))
    if version.terms and version.terms_id not in known:
        accept(person, [version.terms], now)


def _wish(found: ManyTablesTarget, use: str, ends_at: datetime, now: datetime) -> Wish:
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
    )
