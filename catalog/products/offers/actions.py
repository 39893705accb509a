"""Actions on offers. Each is one transaction and requires a data owner of the domain."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.drafts import CheckedOfferDraft, OfferDraft, check_domain_tables, check_draft
from catalog.products.offers.models import (
    OFFER_TRANSITIONS,
    Offer,
    OfferState,
    OfferTable,
    OfferTerms,
    OfferVersion,
)
from catalog.products.offers.queries import (
    may_publish_offer_version,
    may_retire_offer,
    may_view_offer_draft,
    may_write_offer,
)
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError, require_allowed

COPIED_FIELDS = (
    "scope",
    "highest_class",
    "future_columns",
    "longest_hours",
    "automatic",
)


@transaction.atomic(durable=True)
def write_offer(
    *,
    acting_user: Person,
    product: DataProduct,
    domain: Domain,
    draft: OfferDraft,
    now: datetime,
    offer_id: int | None = None,
    based_on: int | None = None,
) -> OfferVersion:
    """The draft as the offer's next version; a new offer without `offer_id`, or the writer's existing
    draft with the same content, so that a form sent twice has one effect. The published version stays until the draft is published; an
    older draft is replaced. `based_on` is the id of the newest version that its writer saw.

    Raises ForbiddenError, NotFoundError for another product's or domain's offer, RefusedError for an invalid input, or
    for `based_on` if there is a newer version.
    """
    require_allowed(may_write_offer(acting_user, domain))
    checked = check_draft(draft, product, domain)
    if offer_id is None:
        # There is no row to lock yet.
        acquire_transaction_lock(AdvisoryLock.NEW_OFFER, product.pk)
        if (same := _find_identical_draft(product, domain, checked, acting_user)) is not None:
            return same
        offer = Offer.objects.create(product=product, domain=domain)
    else:
        offer = _lock_offer(offer_id)
        if (offer.product_id, offer.domain_id) != (product.pk, domain.pk):
            raise NotFoundError
        newest = offer.versions.order_by("-number").first()
        if based_on is not None and newest is not None and newest.pk != based_on:
            said = _(
                "Someone saved version %(number)s while you were editing. Your text is still below: send it again to save it as the next version."
            )
            raise RefusedError(said % {"number": newest.number}, "based_on")
    for older in offer.versions.filter(state=OfferState.DRAFT):
        _retire_version(older, acting_user, now)
    return _create_version(offer, checked, acting_user, now)


def _find_identical_draft(
    product: DataProduct, domain: Domain, checked: CheckedOfferDraft, person: Person
) -> OfferVersion | None:
    drafts = OfferVersion.objects.filter(
        offer__product=product,
        offer__domain=domain,
        number=1,
        state=OfferState.DRAFT,
        written_by=person,
        **_version_fields(checked),
    )
    terms, tables = checked.draft.terms.strip(), {table.pk for table in checked.tables}
    for draft in drafts.select_related("terms"):
        told = draft.terms.text if draft.terms else ""
        if (told, set(draft.tables.values_list("table", flat=True))) == (terms, tables):
            return draft
    return None


@transaction.atomic(durable=True)
def publish_offer_version(*, acting_user: Person, version_id: int, now: datetime) -> OfferVersion:
    """Access is now requested under this draft; the version before it is retired. What was granted under
    that one stays as it is.

    Raises NotFoundError, also for whoever may not, RefusedError when it is no draft any more, or a table went to another domain.
    """
    version = _lock_version(version_id)
    offer = version.offer
    if not may_view_offer_draft(acting_user, offer):
        raise NotFoundError
    require_allowed(may_publish_offer_version(acting_user, offer))
    _check_transition(version, OfferState.PUBLISHED)
    tables = Table.objects.filter(pk__in=version.tables.values("table")).select_related("database__domain")
    check_domain_tables(list(tables), offer.product, offer.domain)
    if version.database and version.database.domain_id != offer.domain_id:
        raise RefusedError(_("This database now belongs to another domain."), "database")
    for older in offer.versions.filter(state=OfferState.PUBLISHED):
        _retire_version(older, acting_user, now)
    version.state, version.published_by, version.published_at = OfferState.PUBLISHED, acting_user, now
    version.save(update_fields=["state", "published_by", "published_at"])
    _record_version_event(
        "publish_offer_version", acting_user, version, {"automatic": version.automatic}, now
    )
    return version


@transaction.atomic(durable=True)
def retire_offer(*, acting_user: Person, offer_id: int, now: datetime) -> Offer:
    """Nobody can request access under it any more; what was granted stays.

    Raises NotFoundError, also for whoever may not, RefusedError when it has no published version or draft.
    """
    offer = _lock_offer(offer_id)
    if not may_retire_offer(acting_user, offer):
        raise NotFoundError
    open_ = list(offer.versions.exclude(state=OfferState.RETIRED).order_by("number"))
    if not open_:
        raise RefusedError(_("This offer is already retired."), "offer")
    for version in open_:
        _retire_version(version, acting_user, now)
        _record_version_event("retire_offer", acting_user, version, {}, now)
    return offer


def _lock_offer(offer_id: int) -> Offer:
    """Lock the offer, which serializes changes of its versions. Raises NotFoundError."""
    rows = Offer.objects.select_for_update(of=("self",)).select_related(
        "product__domain", "domain__owner_team"
    )
    offer = rows.filter(pk=offer_id).first()
    if offer is None:
        raise NotFoundError
    return offer


def _lock_version(version_id: int) -> OfferVersion:
    """Under the lock of its offer, which is read with it. NotFoundError."""
    offer_version = OfferVersion.objects.filter(pk=version_id).first()
    if offer_version is None:
        raise NotFoundError
    offer = _lock_offer(offer_version.offer_id)
    version = (
        OfferVersion.objects.select_for_update(of=("self",)).select_related("database").get(pk=version_id)
    )
    version.offer = offer
    return version


def _check_transition(version: OfferVersion, target: OfferState) -> None:
    if not OFFER_TRANSITIONS.allows(version.state, target):
        words = _("This version is %(state)s. Check the current versions.")
        raise RefusedError(words % {"state": version.get_state_display()}, "offer")


def _retire_version(version: OfferVersion, person: Person, now: datetime) -> None:
    _check_transition(version, OfferState.RETIRED)
    version.state, version.retired_by, version.retired_at = OfferState.RETIRED, person, now
    version.save(update_fields=["state", "retired_by", "retired_at"])


def _create_version(offer: Offer, checked: CheckedOfferDraft, person: Person, now: datetime) -> OfferVersion:
    draft = checked.draft
    number = offer.versions.count() + 1
    data = {
        "number": number,
        "product": offer.product_id,
        "name": draft.name.strip(),
        "automatic": draft.automatic,
    }
    event = _record_offer_event(offer, "write_offer", person, data, now)
    version = OfferVersion.objects.create(
        offer=offer,
        number=number,
        terms=_get_or_create_terms(offer, draft.terms.strip()),
        written_by=person,
        written_at=now,
        event=event,
        **_version_fields(checked),
    )
    OfferTable.objects.bulk_create(OfferTable(version=version, table=table) for table in checked.tables)
    return version


def _version_fields(checked: CheckedOfferDraft) -> dict[str, Any]:
    """The fields of a version except its tables and terms."""
    draft = checked.draft
    return {
        "name": draft.name.strip(),
        "summary": draft.summary.strip(),
        "database": checked.database,
        "catalog": checked.catalog,
        "tags": checked.tags,
        "row_template": draft.row_template.strip(),
        "row_values": checked.row_values,
        "uses": list(dict.fromkeys(draft.uses)),
        **{name: getattr(draft, name) for name in COPIED_FIELDS},
    }


def _get_or_create_terms(offer: Offer, text: str) -> OfferTerms | None:
    """The offer's terms of this text: those there are where it is the same, else the next number."""
    if not text:
        return None
    known = offer.terms.filter(text=text).order_by("-number").first()
    return known or offer.terms.create(number=offer.terms.count() + 1, text=text)


def _record_version_event(
    verb: str, person: Person, version: OfferVersion, data: dict[str, Any], now: datetime
) -> Event:
    return _record_offer_event(version.offer, verb, person, {"number": version.number, **data}, now)


def _record_offer_event(
    offer: Offer, verb: str, person: Person, data: dict[str, Any], now: datetime
) -> Event:
    return record_by_person(verb, person, f"offer:{offer.pk}", data, now)
