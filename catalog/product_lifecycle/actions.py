"""Deprecate a product, withdraw that, and allow requests all the same. Each is one transaction."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.product_lifecycle.models import (
    Deprecation,
    RequestException,
    compute_lifecycle_digest,
    get_open_deprecation,
    get_scheduled_retirement,
)
from catalog.products.may import visible_products
from catalog.products.models import PRODUCT_TRANSITIONS, DataProduct, ProductLifecycle
from catalog.revisions.queries import build_product_bases, may_answer_for_product, may_save_product_draft
from identity.keys import normalize_slug
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from identity.role_changes.bars import may_decide_on_basis
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text
from kernel.verdicts import Verdict


def may_deprecate_product(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners of its domain's team."""
    return may_answer_for_product(person, product)


def may_withdraw_deprecation(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def may_allow_requests(person: Person, product: DataProduct, recipient: int | None = None) -> Verdict:
    """`recipient`: the id of the person for whom."""
    if not (verdict := may_deprecate_product(person, product)):
        return verdict
    return may_decide_on_basis(person, *build_product_bases(product, [recipient] if recipient else []))


def may_end_request_exception(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def lock_product(person: Person, slug: str, *, and_slug: str = "") -> DataProduct:
    """With its domain's team. `and_slug` is locked as well, in the order of ids. NotFoundError for whoever may not edit it."""
    slug = normalize_slug(slug)
    rows = DataProduct.objects.select_for_update(of=("self",)).select_related("domain__owner_team", "owner")
    found = {row.slug: row for row in rows.filter(slug__in={slug, and_slug}).order_by("pk")}
    product = found.get(slug)
    if product is None or not may_save_product_draft(person, product):
        raise NotFoundError
    return product


def check_shown(product: DataProduct, shown: str) -> None:
    """RefusedError if the product's life cycle went on since the page was made."""
    if compute_lifecycle_digest(product) != shown:
        raise RefusedError(_("The product has changed in the meantime. Check it again."), "shown")


MAX_REASON_LENGTH = 1000


def check_reason(reason: str) -> str:
    """The reason, stripped. RefusedError for none, or one that cannot be stored."""
    missing = _("Give a reason. Consumers read it.")
    return check_text(" ".join(reason.split()), "reason", MAX_REASON_LENGTH, missing)


@dataclass(frozen=True)
class DeprecationTerms:
    """`successor` is the slug of a published product, or empty. `retires_on` is what consumers are told, and ends nothing."""

    reason: str
    successor: str = ""
    retires_on: date | None = None


@transaction.atomic(durable=True)
def deprecate_product(
    *, acting_user: Person, slug: str, terms: DeprecationTerms, shown: str, now: datetime
) -> Deprecation:
    """It is still found and used, and takes no new requests but by exception. `shown` is the `compute_lifecycle_digest`.

    NotFoundError for whoever may not edit it, ForbiddenError for who may not publish it, RefusedError for an invalid field
    or another state than was shown.
    """
    product = lock_product(acting_user, slug, and_slug=terms.successor)
    require_allowed(may_deprecate_product(acting_user, product))
    check_shown(product, shown)
    if not PRODUCT_TRANSITIONS.allows(product.lifecycle, ProductLifecycle.DEPRECATED):
        raise RefusedError(_("Only a published product can be deprecated."), "shown")
    reason = check_reason(terms.reason)
    if terms.retires_on is not None and terms.retires_on <= timezone.localdate(now):
        raise RefusedError(_("Choose a day after today."), "retires_on")
    successor = _find_successor(acting_user, product, terms.successor)
    product.deprecated_at = now
    product.save(update_fields=["deprecated_at"])
    data = {
        "what": product.name,
        "slug": product.slug,
        "reason": reason,
        "successor": successor.slug if successor else "",
        "retires_on": terms.retires_on.isoformat() if terms.retires_on else "",
    }
    event = record_by_person("deprecate_product", acting_user, f"product:{product.pk}", data, now)
    product.refresh_from_db(fields=["lifecycle"])
    return Deprecation.objects.create(
        product=product,
        successor=successor,
        reason=reason,
        retires_on=terms.retires_on,
        deprecated_by=acting_user,
        deprecated_at=now,
        event=event,
    )


@transaction.atomic(durable=True)
def withdraw_deprecation(*, acting_user: Person, slug: str, shown: str, now: datetime) -> DataProduct:
    """The product can be requested again. RefusedError while its retirement is scheduled; else as `deprecate_product`."""
    product = lock_product(acting_user, slug)
    require_allowed(may_withdraw_deprecation(acting_user, product))
    check_shown(product, shown)
    deprecation = _get_open_deprecation(product)
    if get_scheduled_retirement(product) is not None:
        raise RefusedError(_("Its retirement is scheduled. Cancel the retirement first."), "shown")
    product.deprecated_at = None
    product.save(update_fields=["deprecated_at"])
    product.refresh_from_db(fields=["lifecycle"])
    deprecation.withdrawn_by, deprecation.withdrawn_at = acting_user, now
    deprecation.save(update_fields=["withdrawn_by", "withdrawn_at"])
    data = {"what": product.name, "slug": product.slug}
    record_by_person("withdraw_deprecation", acting_user, f"product:{product.pk}", data, now)
    return product


@transaction.atomic(durable=True)
def allow_requests(
    *,
    acting_user: Person,
    slug: str,
    person: int | None,
    team: int | None,
    until: datetime,
    reason: str,
    now: datetime,
) -> RequestException:
    """Let a person, or a team, request the deprecated product until a time. Both are ids.

    NotFoundError and ForbiddenError as `deprecate_product`; RefusedError for an invalid field.
    """
    product = lock_product(acting_user, slug)
    require_allowed(may_allow_requests(acting_user, product, person))
    deprecation = _get_open_deprecation(product)
    reason = check_reason(reason)
    if until <= now:
        raise RefusedError(_("Choose a day after today."), "until")
    if product.retires_at is not None and until > product.retires_at:
        raise RefusedError(_("Choose a day before the product is retired."), "until")
    found_person = Person.objects.filter(pk=person, is_active=True).first() if person is not None else None
    found_team = Team.objects.filter(pk=team).first() if team is not None else None
    if (found_person is None) == (found_team is None):
        raise RefusedError(_("Choose a person or a team."), "who")
    data: dict[str, object] = {
        "what": product.name,
        "slug": product.slug,
        "concerns_person": person,
        "concerns_team": team,
        "until": until.isoformat(),
        "reason": reason,
        "people": [person] if person is not None else [],
    }
    event = record_by_person("allow_requests", acting_user, f"product:{product.pk}", data, now)
    return RequestException.objects.create(
        deprecation=deprecation,
        person=found_person,
        team=found_team,
        until=until,
        reason=reason,
        allowed_by=acting_user,
        allowed_at=now,
        event=event,
    )


@transaction.atomic(durable=True)
def end_request_exception(
    *, acting_user: Person, slug: str, exception_id: int, now: datetime
) -> RequestException:
    """What was requested under it stays. NotFoundError and ForbiddenError as `deprecate_product`; RefusedError if it has ended."""
    product = lock_product(acting_user, slug)
    require_allowed(may_end_request_exception(acting_user, product))
    exception = RequestException.objects.filter(deprecation__product=product, pk=exception_id).first()
    if exception is None:
        raise NotFoundError
    if exception.ended_at is not None or exception.until <= now:
        raise RefusedError(_("It has ended already."))
    exception.ended_by, exception.ended_at = acting_user, now
    exception.save(update_fields=["ended_by", "ended_at"])
    data = {"exception": exception.pk}
    record_by_person("end_request_exception", acting_user, f"product:{product.pk}", data, now)
    return exception


def _get_open_deprecation(product: DataProduct) -> Deprecation:
    """RefusedError unless it is deprecated, and not retired."""
    deprecation = get_open_deprecation(product)
    if deprecation is None or product.lifecycle != ProductLifecycle.DEPRECATED:
        raise RefusedError(_("The product is not deprecated."), "shown")
    return deprecation


def _find_successor(person: Person, product: DataProduct, slug: str) -> DataProduct | None:
    """RefusedError unless it is another product, published. As it is locked and not deprecated, no cycle can arise."""
    if not slug:
        return None
    found = visible_products(person).filter(slug=slug, lifecycle=ProductLifecycle.PUBLISHED).first()
    if found is None or found.pk == product.pk:
        raise RefusedError(_("Choose another product that is published."), "successor")
    return found
