"""Whether a request lies within its offer, ends in its hours, and accepts its terms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.models import Column, Table
from catalog.products.offers.bounds import DAY, Beyond, Wish, within
from catalog.products.offers.may import answering
from catalog.products.offers.models import OfferTerms, OfferVersion, TermsAcceptance
from catalog.products.offers.queries import accepted_by, bounds_of
from catalog.products.offers.states import OfferState, Use
from identity.errors import RefusedError
from identity.people.events import record_by_person
from identity.people.models import Person
from lakeformation.values.wording import listed
from requests_app.access_requests.models import Item
from requests_app.submission.form_checks import check_each
from requests_app.submission.models import BasketItem
from requests_app.targets.requested_item import CheckedItem


def is_by_the_hour(version: OfferVersion) -> bool:
    """Whether its longest time is no whole number of days, which are counted by the calendar."""
    return version.longest_hours % DAY != 0


def get_offer_end(version: OfferVersion | None, ends_at: datetime, now: datetime) -> datetime:
    """The end that was chosen, or the offer's last hour where that comes first.

    What is asked for with others, all until one day, is so given for the offer's hours from the time of asking.
    """
    if version is None or not is_by_the_hour(version):
        return ends_at
    return min(ends_at, now + timedelta(hours=version.longest_hours))


def get_terms_acceptance(item: Item) -> TermsAcceptance | None:
    """By who asked, of the terms of the offer under which the item was asked. One query, or none."""
    if item.offer is None or item.offer.terms_id is None:
        return None
    found = TermsAcceptance.objects.filter(person=item.requester_id, terms=item.offer.terms_id)
    return found.select_related("terms").first()


MAX_LISTED = 5
ItemUnderOffer = CheckedItem | Item | BasketItem
"""Each names a table with what of it is asked for, and an offer's version."""


def check_offers(
    asks: Sequence[CheckedItem],
    person: Person,
    *,
    ends: Mapping[int, datetime],
    accepts: Collection[int],
    now: datetime,
) -> None:
    """Hold each ask that names an offer against it, until its end by table, and keep what was accepted: `accepts` are
    ids of terms.

    RefusedError at the input that goes beyond; at several asks ItemsRefusedError. No offer is withdrawn until the
    transaction ends.
    """
    versions = {ask.offer.pk: ask.offer for ask in asks if ask.offer}
    if not versions:
        return
    for version in get_locked_versions(versions):
        versions[version.pk].state = version.state
    known = accepted_by(person, versions.values())
    check_each(asks, lambda ask: _check_item(ask, ends[ask.table_id], known | set(accepts), now))
    record_acceptances(
        person, [one.terms for one in versions.values() if one.terms and one.terms_id not in known], now
    )


def check_change_within_offer(item: Item, now: datetime) -> None:
    """A change of an item stays within the offer under which it was asked. RefusedError."""
    if item.use and (item.use == Use.METADATA) != item.metadata_only:
        raise RefusedError(
            _("It was requested for another use. Withdraw it and send a new request."), "extent"
        )
    if item.offer:
        check_no_violations(list_offer_violations(item.offer, item, item.ends_at, now), item.offer)


def find_offer_problem(row: BasketItem, ends_at: datetime | None, now: datetime) -> str:
    """Why what is in a basket cannot be asked for under its offer, or nothing. No query."""
    if row.offer is None:
        return ""
    if row.offer.state != OfferState.IN_FORCE:
        return _get_offer_gone_message()
    beyond = list_offer_violations(row.offer, row, get_offer_end(row.offer, ends_at or now, now), now)
    return _describe_violation(beyond[0], row.offer) if beyond else ""


def list_offer_violations(
    version: OfferVersion, ask: ItemUnderOffer, ends_at: datetime, now: datetime
) -> tuple[Beyond, ...]:
    """Every way in which it goes beyond."""
    if answering(ask.table, version.offer.product) != version.offer.domain:
        return (Beyond("offer", "table"),)
    classes = _map_classes(ask.table, ask.columns, whole=ask.whole_table)
    return within(bounds_of(version), _build_wish(ask, classes, ends_at, now))


def check_wish(version: OfferVersion, wish: Wish) -> None:
    """RefusedError at the first way in which the wish goes beyond."""
    check_no_violations(within(bounds_of(version), wish), version)


def check_offer_in_force(version: OfferVersion) -> None:
    if version.state != OfferState.IN_FORCE:
        raise RefusedError(_get_offer_gone_message(), "offer")


def check_terms_accepted(version: OfferVersion, accepted: Collection[int]) -> None:
    if version.terms_id and version.terms_id not in accepted:
        words = _("Read and accept the terms of use of “%(name)s”, or request access without the offer.")
        raise RefusedError(words % {"name": version.name}, "terms")


def record_acceptances(person: Person, terms: Iterable[OfferTerms], now: datetime) -> None:
    """Keep who accepted what, and when; once for each text."""
    for one in terms:
        data = {"terms": one.pk, "number": one.number}
        event = record_by_person("accept_terms", person, f"offer:{one.offer_id}", data, now)
        TermsAcceptance.objects.create(person=person, terms=one, accepted_at=now, event=event)


def compute_duration(ends_at: datetime, now: datetime) -> tuple[float, int]:
    """How long it is until then: exactly, and in days of the calendar."""
    days = timezone.localdate(ends_at) - timezone.localdate(now)
    return (ends_at - now) / timedelta(hours=1), days.days


def get_locked_versions(ids: Collection[int]) -> list[OfferVersion]:
    """As they are now; none is withdrawn until the transaction ends."""
    rows = OfferVersion.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return list(rows.order_by("pk"))


def _check_item(ask: CheckedItem, ends_at: datetime, accepted: Collection[int], now: datetime) -> None:
    if ask.offer is None:
        return
    check_offer_in_force(ask.offer)
    check_no_violations(list_offer_violations(ask.offer, ask, ends_at, now), ask.offer)
    check_terms_accepted(ask.offer, accepted)


def _build_wish(ask: ItemUnderOffer, classes: Mapping[str, str], ends_at: datetime, now: datetime) -> Wish:
    hours, days = compute_duration(ends_at, now)
    return Wish(
        table=ask.table.pk,
        database=ask.table.database_id,
        classes=classes,
        use=ask.use,
        hours=hours,
        days=days,
        whole_table=ask.whole_table,
        metadata_only=ask.metadata_only,
        row_rule=ask.row_rule,
    )


def _map_classes(table: Table, columns: Collection[str], *, whole: bool) -> dict[str, str]:
    every: Iterable[Column] = table.columns.all()
    return {column.name: column.classification for column in every if whole or column.name in columns}


def check_no_violations(beyond: Sequence[Beyond], version: OfferVersion) -> None:
    """RefusedError at the first of them, if any."""
    if beyond:
        raise RefusedError(_describe_violation(beyond[0], version), beyond[0].field)


def _get_offer_gone_message() -> str:
    return _("This offer was changed or retired after you opened it. Check the product's current offers.")


def _describe_violation(beyond: Beyond, version: OfferVersion) -> str:
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
        "columns": listed(beyond.what, MAX_LISTED),
        "longest": format_hours(version.longest_hours),
    }
    return message % words


def format_hours(hours: int) -> str:
    """30 days, or 8 hours."""
    if hours % DAY:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // DAY) % {"n": hours // DAY}
