"""Whether a request for a database or for LF-Tags lies within its offer."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from catalog.products.offers.bounds import BoundsViolation, RequestedAccess
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import get_version, list_accepted_terms
from identity.people.models import Person
from requests_app.submission.offer_checks import (
    check_no_violations,
    check_offer_in_force,
    check_terms_accepted,
    check_wish,
    compute_duration,
    get_locked_versions,
    record_acceptances,
)
from requests_app.targets.checks import build_offer_not_found_error, check_use
from requests_app.targets.databases import DatabaseTarget
from requests_app.targets.lf_tags import TagsTarget
from requests_app.targets.reached_tables import ManyTablesTarget


def check_tags_offer(
    person: Person,
    version_id: int | None,
    found: TagsTarget,
    *,
    use: str,
    ends_at: datetime,
    accepted_term_ids: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The version under which LF-Tags are asked for, its terms accepted; None without one. RefusedError."""
    version = _get_version(person, version_id, use)
    if version is None:
        return None
    if version.catalog_id != found.catalog.pk or found.domain != version.offer.domain:
        check_no_violations([BoundsViolation("offer", "tags")], version)
    wish = _build_wish(found, use, ends_at, now)
    _check_offer(person, version, replace(wish, tags=found.expression.to_json()), accepted_term_ids, now)
    return version


def check_database_offer(
    person: Person,
    version_id: int | None,
    found: DatabaseTarget,
    *,
    use: str,
    ends_at: datetime,
    accepted_term_ids: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The same for every table of a database."""
    version = _get_version(person, version_id, use)
    if version is None:
        return None
    if found.domain != version.offer.domain:
        check_no_violations([BoundsViolation("offer", "database")], version)
    wish = _build_wish(found, use, ends_at, now)
    _check_offer(person, version, replace(wish, whole_database=True), accepted_term_ids, now)
    return version


def _get_version(person: Person, version_id: int | None, use: str) -> OfferVersion | None:
    check_use(use, metadata_only=False)
    if version_id is None:
        return None
    version = get_version(person, version_id)
    if version is None:
        raise build_offer_not_found_error()
    version.state = get_locked_versions([version.pk])[0].state
    check_offer_in_force(version)
    return version


def _check_offer(
    person: Person,
    version: OfferVersion,
    wish: RequestedAccess,
    accepted_term_ids: Collection[int],
    now: datetime,
) -> None:
    check_wish(version, wish)
    known = list_accepted_terms(person, [version])
    check_terms_accepted(version, known | set(accepted_term_ids))
    if version.terms and version.terms_id not in known:
        record_acceptances(person, [version.terms], now)


def _build_wish(found: ManyTablesTarget, use: str, ends_at: datetime, now: datetime) -> RequestedAccess:
    hours, days = compute_duration(ends_at, now)
    first = found.tables[0].table
    classes = {
        f"{one.table.name}.{column.name}": column.classification
        for one in found.tables
        for column in one.open_columns
    }
    return RequestedAccess(
        table=first.pk,
        database=first.database_id,
        classes=classes,
        use=use,
        hours=hours,
        days=days,
        whole_table=True,
    )
