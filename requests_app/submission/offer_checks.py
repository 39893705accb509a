"""Whether a request lies within its offer, ends in its hours, and accepts its terms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.products.offers.bounds import HOURS_PER_DAY, BoundsViolation, RequestedAccess, find_violations
from catalog.products.offers.models import DataUse, OfferState, OfferTerms, OfferVersion, TermsAcceptance
from catalog.products.offers.queries import build_bounds, get_responsible_domain, list_accepted_terms
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError
from lakeformation.values.wording import list_names
from requests_app.access_requests.item_targets import get_target
from requests_app.access_requests.models import RequestItem
from requests_app.submission.form_checks import check_each
from requests_app.submission.models import BasketItem
from requests_app.targets.requested_item import CheckedItem


def is_by_the_hour(version: OfferVersion) -> bool:
    """Whether its longest time is no whole number of days, which are counted by the calendar."""
    return version.longest_hours % HOURS_PER_DAY != 0


def get_offer_end(version: OfferVersion | None, ends_at: datetime, now: datetime) -> datetime:
    """The end that was chosen, or the offer's last hour where that comes first.

    So an item of a request with one end date gets the offer's hours from the time of submission.
    """
    if version is None or not is_by_the_hour(version):
        return ends_at
    return min(ends_at, now + timedelta(hours=version.longest_hours))


def get_terms_acceptance(item: RequestItem) -> TermsAcceptance | None:
    """By the requester, of the terms of the offer under which the item was requested. One query, or none."""
    if item.offer is None or item.offer.terms_id is None:
        return None
    terms_acceptances = TermsAcceptance.objects.filter(person=item.requester_id, terms=item.offer.terms_id)
    return terms_acceptances.select_related("terms").first()


MAX_LISTED = 5
ItemUnderOffer = CheckedItem | RequestItem | BasketItem
"""Each names a table with what of it is requested, and an offer version."""


def check_offers(
    checked_items: Sequence[CheckedItem],
    person: Person,
    *,
    ends: Mapping[int, datetime],
    accepted_term_ids: Collection[int],
    now: datetime,
) -> None:
    """Check each item that names an offer against it, and store what was accepted: `accepted_term_ids` are
    ids of terms.

    RefusedError for the input that exceeds the offer; for several items ItemsRefusedError. No offer is retired
    until the transaction ends.
    """
    versions = {ask.offer.pk: ask.offer for ask in checked_items if ask.offer}
    if not versions:
        return
    for version in get_locked_versions(versions):
        versions[version.pk].state = version.state
    accepted_terms = list_accepted_terms(person, versions.values())
    check_each(
        checked_items,
        lambda ask: _check_item(ask, ends[ask.table_id], accepted_terms | set(accepted_term_ids), now),
    )
    record_acceptances(
        person,
        [one.terms for one in versions.values() if one.terms and one.terms_id not in accepted_terms],
        now,
    )


def check_change_within_offer(item: RequestItem, now: datetime) -> None:
    """A change of an item stays within the offer under which it was requested. RefusedError."""
    if item.use and (item.use == DataUse.METADATA) == item.target.shows_data:
        raise RefusedError(
            _("It was requested for another use. Withdraw it and send a new request."), "extent"
        )
    if item.offer:
        check_no_violations(list_offer_violations(item.offer, item, item.ends_at, now), item.offer)


def find_offer_problem(row: BasketItem, ends_at: datetime | None, now: datetime) -> str:
    """Why an item of a basket cannot be requested under its offer, or empty. No query."""
    if row.offer is None:
        return ""
    if row.offer.state != OfferState.PUBLISHED:
        return _get_offer_gone_message()
    beyond = list_offer_violations(row.offer, row, get_offer_end(row.offer, ends_at or now, now), now)
    return _describe_violation(beyond[0], row.offer) if beyond else ""


def list_offer_violations(
    version: OfferVersion, requested_item: ItemUnderOffer, ends_at: datetime, now: datetime
) -> tuple[BoundsViolation, ...]:
    """Every way in which it goes beyond."""
    if get_responsible_domain(requested_item.table, version.offer.product) != version.offer.domain:
        return (BoundsViolation("offer", "table"),)
    target = get_target(requested_item)
    classes = {
        column_fact.name: column_fact.classification
        for column_fact in requested_item.table.column_facts
        if target.includes_column(column_fact.name)
    }
    hours, days = compute_duration(ends_at, now)
    wish = RequestedAccess(
        table=requested_item.table.pk,
        database=requested_item.table.database_id,
        classes=classes,
        use=requested_item.use,
        hours=hours,
        days=days,
        shows_data=target.shows_data,
        has_future_columns=target.has_future_columns,
        row_filter=requested_item.row_filter,
    )
    return find_violations(build_bounds(version), wish)


def check_wish(version: OfferVersion, wish: RequestedAccess) -> None:
    """RefusedError at the first way in which the wish goes beyond."""
    check_no_violations(find_violations(build_bounds(version), wish), version)


def check_offer_published(version: OfferVersion) -> None:
    if version.state != OfferState.PUBLISHED:
        raise RefusedError(_get_offer_gone_message(), "offer")


def check_terms_accepted(version: OfferVersion, accepted_term_ids: Collection[int]) -> None:
    if version.terms_id and version.terms_id not in accepted_term_ids:
        words = _("Read and accept the terms of use of “%(name)s”, or request access without the offer.")
        raise RefusedError(words % {"name": version.name}, "terms")


def record_acceptances(person: Person, terms: Iterable[OfferTerms], now: datetime) -> None:
    """Keep who accepted what, and when; once for each text."""
    for term in terms:
        data = {"terms": term.pk, "number": term.number}
        event = record_by_person("accept_terms", person, f"offer:{term.offer_id}", data, now)
        TermsAcceptance.objects.create(person=person, terms=term, accepted_at=now, event=event)


def compute_duration(ends_at: datetime, now: datetime) -> tuple[float, int]:
    """How long it is until then: exactly, and in days of the calendar."""
    days = timezone.localdate(ends_at) - timezone.localdate(now)
    return (ends_at - now) / timedelta(hours=1), days.days


def get_locked_versions(ids: Collection[int]) -> list[OfferVersion]:
    """As they are now; none is retired until the transaction ends."""
    rows = OfferVersion.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return list(rows.order_by("pk"))


def _check_item(
    checked_item: CheckedItem, ends_at: datetime, accepted: Collection[int], now: datetime
) -> None:
    if checked_item.offer is None:
        return
    check_offer_published(checked_item.offer)
    check_no_violations(
        list_offer_violations(checked_item.offer, checked_item, ends_at, now), checked_item.offer
    )
    check_terms_accepted(checked_item.offer, accepted)


def check_no_violations(beyond: Sequence[BoundsViolation], version: OfferVersion) -> None:
    """RefusedError at the first of them, if any."""
    if beyond:
        raise RefusedError(_describe_violation(beyond[0], version), beyond[0].field)


def _get_offer_gone_message() -> str:
    return _("This offer was changed or retired after you opened it. Check the product's current offers.")


def _describe_violation(beyond: BoundsViolation, version: OfferVersion) -> str:
    message = {
        "table": _("“%(name)s” does not offer this table."),
        "database": _("“%(name)s” does not offer every table of this database."),
        "tags": _("“%(name)s” does not offer these LF-Tags."),
        "future": _("“%(name)s” offers columns by name, not future ones."),
        "class": _("“%(name)s” only includes columns up to %(class)s. Remove %(columns)s."),
        "rows": _("“%(name)s” only offers some rows. Choose among them."),
        "use": _("“%(name)s” does not allow this use."),
        "metadata": _("Metadata only is a separate use. Choose it for both, or for neither."),
        "time": _("“%(name)s” allows at most %(longest)s. Choose an earlier end."),
    }[beyond.kind]
    words = {
        "name": version.name,
        "class": version.get_highest_class_display(),
        "columns": list_names(beyond.names, MAX_LISTED),
        "longest": format_hours(version.longest_hours),
    }
    return message % words


def format_hours(hours: int) -> str:
    """30 days, or 8 hours."""
    if hours % HOURS_PER_DAY:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // HOURS_PER_DAY) % {"n": hours // HOURS_PER_DAY}
