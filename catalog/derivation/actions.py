"""Ask owners of upstream data for their word, and let it lapse. The other verbs are those of `decisions.actions`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.derivation.evaluation import Derivation, Lowered, list_tables, read_derivation
from catalog.derivation.kind import DERIVATION_REQUEST, describe_request
from catalog.derivation.may import may_request_derivation
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import RELATED, read_wanted_subject
from catalog.mirror.models import Classification, Column
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from decisions.actions import lapse_proposal, record_request
from decisions.states import DecisionState
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
    waiting = product.derivation_requests.filter(state=DecisionState.WAITING)
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
def expire_derivation(*, request_id: int, now: datetime) -> bool:
    """Let an approval lapse whose last day is over, and tell the product's owners. False if it is not due. Called by workers."""
    rows = DerivationRequest.objects.select_for_update(of=("self",)).select_related(*RELATED)
    request = rows.filter(pk=request_id, state=DecisionState.APPROVED).first()
    if request is None or not request.is_past(now):
        return False
    lapse_proposal(kind=DERIVATION_REQUEST, row=request, now=now)
    return True


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
    tables = list_tables({-each.place.node for breach in derivation.breaches for each in breach.missing})
    for breach in derivation.breaches:
        for each in breach.missing:
            domain = tables[-each.place.node].database.domain_id
            if domain is not None:
                said = {
                    "table": -breach.place.node,
                    "column": breach.place.column,
                    "input_table": -each.place.node,
                    "input_column": each.place.column,
                    "floor": each.classification,
                    "classification": breach.classification,
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
    data = {
        **describe_request(request),
        "reason": reason,
        "columns": request.columns,
        "passed_on": request.passed_on,
    }
    record_request(DERIVATION_REQUEST, request, data)
    return request
