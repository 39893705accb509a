"""Ask owners of upstream data for their word, and give, refuse and take it back. Each is one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import record_event
from catalog.derivation.evaluation import Derivation, Lowered, list_tables, read_derivation
from catalog.derivation.may import (
    may_approve_derivation,
    may_reject_derivation,
    may_request_derivation,
    may_revoke_derivation,
    may_withdraw_derivation,
    visible_requests,
)
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import RELATED, read_wanted_subject
from catalog.derivation.states import DERIVATION_TRANSITIONS, DerivationState
from catalog.mirror.models import Classification, Column
from catalog.products.may import list_data_owner_ids, list_product_owner_ids, visible_products
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text

MAX_TEXT_LENGTH = 2000
MAX_COLUMNS = 500


@dataclass
class _RequestContent:
    """What is asked of one domain."""

    columns: list[dict[str, Any]] = field(default_factory=list)
    passed_on: list[int] = field(default_factory=list)


@transaction.atomic(durable=True)
def request_derivation(
    *, acting_user: Person, slug: str, reason: str, now: datetime, lowered: Lowered | None = None
) -> list[DerivationRequest]:
    """Ask each domain whose word the product lacks. `lowered`: classes that columns are to have, by table and name; without them, what
    the draft or the product has.

    NotFoundError for a product that the person may not see; ForbiddenError; RefusedError without a reason, for an unknown
    column, or if no word is missing or all are asked for already.
    """
    # So that nobody asks for the same twice at once.
    rows = DataProduct.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("domain__owner_team", "owner")
    product = rows.filter(slug=slug, pk__in=visible_products(acting_user).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_request_derivation(acting_user, product))
    reason = check_text(reason, "reason", MAX_TEXT_LENGTH, _("Say in one sentence why."))
    subject = read_wanted_subject(product)
    classes = _check_lowered(lowered or {}, subject.tables)
    derivation = read_derivation(subject, now, classes)
    if derivation.is_allowed:
        raise RefusedError(_("You need nobody's approval for this."), "columns")
    by_domain = _group_by_domain(derivation)
    waiting = product.derivation_requests.filter(state=DerivationState.WAITING)
    asked = set(waiting.values_list("domain_id", flat=True))
    new = {pk: wanted for pk, wanted in sorted(by_domain.items()) if pk not in asked}
    if not new:
        text = _("You have asked for this already. Withdraw that request to change it.")
        raise RefusedError(
            text if by_domain else _("The data belongs to no domain, so nobody can agree."), "columns"
        )
    return [
        _create(product, domain, wanted, reason=reason, person=acting_user, now=now)
        for domain, wanted in new.items()
    ]


@transaction.atomic(durable=True)
def approve_derivation(
    *, acting_user: Person, request_id: int, comment: str, ends_on: date | None, now: datetime
) -> DerivationRequest:
    """Agree to what was asked, for ever or up to a day. NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError."""
    request = _lock_request(acting_user, request_id)
    require_allowed(may_approve_derivation(acting_user, request))
    request.state = DERIVATION_TRANSITIONS.check(request.state, DerivationState.APPROVED)
    if ends_on is not None and ends_on < timezone.localdate(now):
        raise RefusedError(_("Choose today or a later day."), "ends_on")
    request.ends_on = ends_on
    return _decide("approve_derivation", request, acting_user, comment, now)


@transaction.atomic(durable=True)
def reject_derivation(
    *, acting_user: Person, request_id: int, comment: str, now: datetime
) -> DerivationRequest:
    """NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    request = _lock_request(acting_user, request_id)
    require_allowed(may_reject_derivation(acting_user, request))
    request.state = DERIVATION_TRANSITIONS.check(request.state, DerivationState.REJECTED)
    return _decide("reject_derivation", request, acting_user, comment, now)


@transaction.atomic(durable=True)
def withdraw_derivation(
    *, acting_user: Person, request_id: int, now: datetime, comment: str = ""
) -> DerivationRequest:
    """NotFoundError, ForbiddenError, IllegalTransitionError."""
    request = _lock_request(acting_user, request_id)
    require_allowed(may_withdraw_derivation(acting_user, request))
    request.state = DERIVATION_TRANSITIONS.check(request.state, DerivationState.WITHDRAWN)
    request.end_reason = check_text(comment, "comment", MAX_TEXT_LENGTH)
    return _end("withdraw_derivation", request, acting_user, now)


@transaction.atomic(durable=True)
def revoke_derivation(
    *, acting_user: Person, request_id: int, comment: str, now: datetime
) -> DerivationRequest:
    """The floor and the terms apply again. NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    request = _lock_request(acting_user, request_id)
    require_allowed(may_revoke_derivation(acting_user, request))
    request.state = DERIVATION_TRANSITIONS.check(request.state, DerivationState.REVOKED)
    request.end_reason = check_text(comment, "comment", MAX_TEXT_LENGTH, _("Say in one sentence why."))
    return _end("revoke_derivation", request, acting_user, now)


@transaction.atomic(durable=True)
def expire_derivation(*, request_id: int, now: datetime) -> bool:
    """Mark an approval whose last day is over, and tell the product's owners. False if it is not due. Called by workers."""
    rows = DerivationRequest.objects.select_for_update(of=("self",)).select_related(*RELATED)
    request = rows.filter(pk=request_id, state=DerivationState.APPROVED).first()
    if request is None or not request.is_past(now):
        return False
    request.state = DERIVATION_TRANSITIONS.check(request.state, DerivationState.EXPIRED)
    request.ended_at = now
    request.save(update_fields=["state", "ended_at"])
    people = list_product_owner_ids(request.product, without=0)
    record_event(
        verb="expire_derivation",
        actor="engine:derivation",
        subject=request.subject,
        data=_describe(request, people, str(request.ends_on)),
        now=now,
    )
    return True


def _lock_request(person: Person, request_id: int) -> DerivationRequest:
    rows = DerivationRequest.objects.select_for_update(of=("self",)).select_related(*RELATED)
    request = rows.filter(pk=request_id, pk__in=visible_requests(person).values("pk")).first()
    if request is None:
        raise NotFoundError
    return request


def _check_lowered(lowered: Lowered, tables: Collection[int]) -> Lowered:
    if len(lowered) > MAX_COLUMNS:
        raise RefusedError(_("Choose at most %(most)s columns.") % {"most": MAX_COLUMNS}, "columns")
    if set(lowered.values()) - set(Classification.values):
        raise RefusedError(_("Choose a class."), "classification")
    wanted = {table for table, _name in lowered} & set(tables)
    known = set(Column.objects.filter(table__in=wanted).values_list("table_id", "name"))
    if set(lowered) - known:
        raise RefusedError(_("Choose columns of the product."), "columns")
    return lowered


def _group_by_domain(derivation: Derivation) -> Mapping[int, _RequestContent]:
    """Inputs of no domain are left out: nobody can agree to them."""
    found: dict[int, _RequestContent] = defaultdict(_RequestContent)
    tables = list_tables({-each.place.node for one in derivation.breaches for each in one.missing})
    for one in derivation.breaches:
        for each in one.missing:
            domain = tables[-each.place.node].database.domain_id
            if domain is not None:
                said = {
                    "table": -one.place.node,
                    "column": one.place.column,
                    "input_table": -each.place.node,
                    "input_column": each.place.column,
                    "floor": each.classification,
                    "classification": one.classification,
                }
                found[domain].columns.append(said)
    rows = DataProduct.objects.filter(pk__in=[one.pk for one in derivation.blocked]).order_by("pk")
    for pk, domain in rows.values_list("pk", "domain_id"):
        found[domain].passed_on.append(pk)
    return found


def _create(
    product: DataProduct, domain: int, wanted: _RequestContent, *, reason: str, person: Person, now: datetime
) -> DerivationRequest:
    request = DerivationRequest.objects.create(
        product=product,
        domain_id=domain,
        columns=wanted.columns,
        passed_on=wanted.passed_on,
        reason=reason,
        requested_by=person,
        requested_at=now,
    )
    people = list_data_owner_ids(request.domain, without=person.pk)
    data = _describe(request, people, reason) | {"columns": request.columns, "passed_on": request.passed_on}
    record_by_person("request_derivation", person, request.subject, data, now)
    return request


def _decide(
    verb: str, request: DerivationRequest, person: Person, comment: str, now: datetime
) -> DerivationRequest:
    request.comment = check_text(comment, "comment", MAX_TEXT_LENGTH, _("Say in one sentence why."))
    request.decided_by, request.decided_at = person, now
    request.save(update_fields=["state", "comment", "decided_by", "decided_at", "ends_on"])
    _record(verb, request, person, request.comment, now)
    return request


def _end(verb: str, request: DerivationRequest, person: Person, now: datetime) -> DerivationRequest:
    request.ended_by, request.ended_at = person, now
    request.save(update_fields=["state", "end_reason", "ended_by", "ended_at"])
    _record(verb, request, person, request.end_reason, now)
    return request


def _record(verb: str, request: DerivationRequest, person: Person, reason: str, now: datetime) -> None:
    """A withdrawal is told to the domain's data owners, all else to who asked and the product's owners."""
    if verb == "withdraw_derivation":
        people = list_data_owner_ids(request.domain, without=person.pk)
    else:
        owners = list_product_owner_ids(request.product, without=person.pk)
        people = sorted({*owners, request.requested_by_id} - {person.pk})
    record_by_person(verb, person, request.subject, _describe(request, people, reason), now)


def _describe(request: DerivationRequest, people: Iterable[int], reason: str) -> dict[str, Any]:
    return {
        "what": request.product.name,
        "product": request.product_id,
        "slug": request.product.slug,
        "domain": request.domain_id,
        "ends_on": request.ends_on.isoformat() if request.ends_on else None,
        "reason": reason,
        "people": list(people),
    }
