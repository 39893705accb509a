"""Whether a request for a database or for LF-Tags lies within its offer."""

from collections.abc import Collection
from datetime import datetime

from catalog.products.offers.bounds import BoundsViolation, RequestedAccess
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import get_version, list_accepted_terms
from catalog.products.offers.states import OfferScope
from identity.people.models import Person
from requests_app.submission.offer_checks import (
    check_no_violations,
    check_offer_published,
    check_terms_accepted,
    check_wish,
    compute_duration,
    get_locked_versions,
    record_acceptances,
)
from requests_app.targets.checks import build_offer_not_found_error, check_use
from requests_app.targets.many_tables import ManyTablesTarget


def check_target_offer(
    person: Person,
    version_id: int | None,
    target: ManyTablesTarget,
    *,
    use: str,
    ends_at: datetime,
    accepted_term_ids: Collection[int],
    now: datetime,
) -> OfferVersion | None:
    """The version under which it is requested, its terms accepted; None without one. RefusedError."""
    version = _get_version(person, version_id, use)
    if version is None:
        return None
    is_elsewhere = target.kind == OfferScope.TAGS and version.catalog_id != target.catalog.pk
    if is_elsewhere or target.domain != version.offer.domain:
        check_no_violations([BoundsViolation("offer", target.kind)], version)
    check_wish(version, _build_wish(target, use, ends_at, now))
    known = list_accepted_terms(person, [version])
    check_terms_accepted(version, known | set(accepted_term_ids))
    if version.terms and version.terms_id not in known:
        record_acceptances(person, [version.terms], now)
    return version


def _get_version(person: Person, version_id: int | None, use: str) -> OfferVersion | None:
    check_use(use, metadata_only=False)
    if version_id is None:
        return None
    version = get_version(person, version_id)
    if version is None:
        raise build_offer_not_found_error()
    version.state = get_locked_versions([version.pk])[0].state
    check_offer_published(version)
    return version


def _build_wish(target: ManyTablesTarget, use: str, ends_at: datetime, now: datetime) -> RequestedAccess:
    hours, days = compute_duration(ends_at, now)
    first = target.tables[0].table
    classes = {
        f"{one.table.name}.{column.name}": column.classification
        for one in target.tables
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
        **target.item_fields,
    )
